"""Drafts of one's own questionnaires."""

from api.definitions.models import QuestionnaireDraft
from api.drafts.service import Acts, Drafts

DRAFTS = Drafts(
    QuestionnaireDraft, Acts("questionnaire.draft", "questionnaire.replace", "questionnaire.delete"), lock=15
)
