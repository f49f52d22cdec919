"""Where the parts of a questionnaire stand in its definition, as JSON pointers."""

from questionnaires.definition import Questionnaire
from questionnaires.shape import pointer_of


class Places:
    """The places of a questionnaire's sections, questions and fields."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        """Note where each question stands."""
        self._questions = {
            question.id: pointer_of("sections", str(at), "questions", str(number))
            for at, section in enumerate(questionnaire.sections)
            for number, question in enumerate(section.questions)
        }

    def of(self, question: str, *parts: str) -> str:
        """Return the place of a question, or of a part of it."""
        return self._questions[question] + pointer_of(*parts)

    @staticmethod
    def of_section(at: int) -> str:
        """Return the place of a section, counted from 0."""
        return pointer_of("sections", str(at))
