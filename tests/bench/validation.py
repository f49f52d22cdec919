"""Validating answers as the server does it: shape, rows, hidden questions. Cost must grow as what is sent does."""

from collections.abc import Callable
from functools import partial
from typing import Any

from questionnaires import library
from questionnaires.answers import EMPTY, AnswerValidator
from questionnaires.carrying import carry
from questionnaires.comparison import compare
from questionnaires.definition import Questionnaire
from questionnaires.documents import iterate
from tests.bench.measuring import best_of, show_most
from tests.bench.scoring import many_rows

ROUNDS = 60
SLACK = 1.5
"""A ratio of costs may be so much above the ratio of sizes: ten times the data leaves the fast caches of a machine."""


def many_questions(count: int) -> Questionnaire:
    """Return a questionnaire with so many questions per company, every third under a condition, 20 to a section."""

    def question(number: int) -> dict[str, Any]:
        id_ = f"Q{chr(65 + number // 2600)}{chr(65 + number // 100 % 26)}-{number % 100:02}"
        gate = {"answer": "QAA-00.said", "is": ["yes"]} if number % 3 == 2 else None  # every third
        field = {"kind": "one", "label": "Answer", "choices": {"yes": "Yes", "no": "No"}}
        words = {"text": "What?", "help": "Say.", "why": "So."}
        return {"id": id_, "per": "company", **words, "asked_when": gate, "fields": {"said": field}}

    size = max(20, count // 20)
    made = [question(number) for number in range(count)]
    sections = [
        {"code": chr(65 + place), "title": "S", "questions": made[place * size : (place + 1) * size]}
        for place in range(-(-count // size))
    ]
    head = {"id": "bench", "revision": "1", "title": "Bench", "introduction": "Answer."}
    return Questionnaire.model_validate({**head, "sections": sections})


def answer_all(asked: Questionnaire) -> dict[str, Any]:
    """Return a document with every question answered."""
    return {**EMPTY, "company": {id_: {"state": "answered", "value": {"said": "yes"}} for id_ in asked.questions}}


def measure() -> None:
    """Print the rows of validation."""
    shipped = library.find(library.questionnaires(), "surveillance-hrdd")
    assert shipped is not None
    for what, check in (("whole documents", _compile_whole), ("saves", _compile_saves)):
        show_most(f"compile the checks of {what} of a revision", best_of(partial(check, shipped), ROUNDS), 5, "ms")
    first = library.find(library.questionnaires(), "surveillance-hrdd@1")  # which the exercises answer
    assert first is not None
    validator, document = AnswerValidator(first), many_rows(4)
    answers = len(list(iterate(document)))
    whole = best_of(lambda: validator.check_document(document), ROUNDS)
    show_most("validate 150 answers, with text, rows and hidden questions", whole * 150 / answers, 0.2, "ms")
    saved = best_of(lambda: validator.check_save(EMPTY, document), ROUNDS)
    show_most("  the same as a save on top of what is stored", saved * 150 / answers, 0.4, "ms")
    _measure_growth(validator)


def _measure_growth(validator: AnswerValidator) -> None:
    few, many = many_questions(100), many_questions(1000)
    checks = [(AnswerValidator(asked), answer_all(asked)) for asked in (few, many)]
    (small, little), (large, much) = checks
    ten = 10 * SLACK
    ratio = _growth(lambda: small.check_document(little), lambda: large.check_document(much))
    show_most("  100 to 1,000 questions: cost of ten times the answers", ratio, ten, "x")
    ratio = _growth(lambda: _compile_whole(few), lambda: _compile_whole(many))
    show_most("  compiling the checks of ten times the questions", ratio, ten, "x")
    one, most = many_rows(20), many_rows(400)
    sizes = len(list(iterate(most))) / len(list(iterate(one)))
    ratio = _growth(lambda: validator.check_document(one), lambda: validator.check_document(most))
    show_most(f"  20 to 400 deployments: cost of {sizes:.1f} times the answers", ratio, sizes * SLACK, "x")
    ratio = _growth(lambda: _check_lines(validator, 50), lambda: _check_lines(validator, 500))
    show_most("  a table of 50 to 500 lines: cost of ten times the lines", ratio, ten, "x")
    ratio = _growth(lambda: compare(few, few), lambda: compare(many, many))
    show_most("compare revisions of ten times the questions", ratio, ten, "x")
    ratio = _growth(lambda: carry(few, small, little), lambda: carry(many, large, much))
    show_most("carry ten times the answers over", ratio, ten, "x")


def _compile_whole(asked: Questionnaire) -> None:
    assert not AnswerValidator(asked).check_document(EMPTY)


def _compile_saves(asked: Questionnaire) -> None:
    assert not AnswerValidator(asked).check_save(EMPTY, {})


def _growth(less: Callable[[], Any], more: Callable[[], Any]) -> float:
    """Return the ratio of the processor's time of two runs, each the best of several."""
    return best_of(more, 20) / best_of(less, ROUNDS)


def _check_lines(validator: AnswerValidator, count: int) -> None:
    line = {"product": "p1", "area": "DE", "units": 3}
    answer = {"state": "answered", "value": {"areas": [line] * count}}
    document = {**EMPTY, "company": {"OWN-05": answer}, "product": {"p1": {"name": "P", "answers": {}}}}
    assert not validator.check_document(document)
