"""The reading grade against worked examples, and syllables against a dictionary's."""

import pytest

from questionnaires.readability import grade, sentences, syllables, words

PLATYPUS = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
PASSAGE = "This sentence, taken as a reading passage unto itself, is being used to prove a point."
COUNTED = {
    "the": 1, "table": 2, "tables": 2, "people": 2, "names": 1, "purposes": 3, "services": 3, "being": 2, "used": 1,
    "creature": 2, "platypus": 3, "sentence": 2, "questionnaire": 3, "watched": 1, "limited": 3, "businesses": 4,
    "wishes": 2, "machine": 2, "society": 4, "technology": 4, "surveillance": 3, "deployments": 3, "handled": 2,
    "criticism": 4, "doing": 2, "asked": 1, "charges": 2, "organisation": 5, "evidence": 3, "identify": 4,
    "watch-list": 2, "agency": 3, "settled": 2, "UN": 2, "OECD": 4, "whose": 1, "e": 1, "someone": 2,
}  # fmt: skip


@pytest.mark.parametrize(("word", "count"), COUNTED.items())
def test_syllables_are_those_of_a_dictionary(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("text", "tenths"),
    [
        # 0.39 * 6 / 1 + 11.8 * 6 / 6 - 15.59 = -1.45
        ("The cat sat on the mat.", -14),
        # 13 words, 24 syllables: 0.39 * 13 + 11.8 * 24 / 13 - 15.59 = 11.26
        (PLATYPUS, 113),
        # 16 words, 23 syllables: 0.39 * 16 + 11.8 * 23 / 16 - 15.59 = 7.61
        (PASSAGE, 76),
        # both of the above: 29 words, 47 syllables, 2 sentences: 5.655 + 19.124 - 15.59 = 9.19
        (f"{PLATYPUS} {PASSAGE}", 92),
        ("", 0),
        ("?! ...", 0),
    ],
)
def test_the_grade_is_that_of_the_worked_example(text: str, tenths: int) -> None:
    assert grade(text) == tenths


def test_a_point_inside_a_word_ends_no_sentence() -> None:
    text = 'Article 5.1 of 2021/821 says "no". Nobody asked! Why?\n\nA heading\n\nA last line'
    assert [len(words(sentence)) for sentence in sentences(text)] == [7, 2, 1, 2, 3]
    assert words("a watch-list isn't 5.1") == ["a", "watch-list", "isn't", "5.1"]


def test_longer_words_and_longer_sentences_read_harder() -> None:
    plain = "Do you check who buys from you?"
    assert grade(plain) < grade("Do you verify the identity of organisations purchasing from you?")
    assert grade(plain) < grade(plain.replace("?", " and who pays for it and who sells it on and to whom?"))
