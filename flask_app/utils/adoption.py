"""Proposals for jobs with what stands against them here; it reads no text and creates nothing."""

from collections.abc import Mapping
from typing import NamedTuple

from core.adoption import Adoption, Proposal
from flask_app.utils.container import services
from models.job import JobDraft


class Judged(NamedTuple):
    """`problems`: field → sentence, as saving would say. `exists`: a job copies from there to there already."""

    proposal: Proposal
    problems: Mapping[str, str]
    exists: bool

    @property
    def draft(self) -> JobDraft:
        return self.proposal.draft

    @property
    def is_good(self) -> bool:
        """Whether it can be created without a person looking at it again."""
        return not self.problems and not self.exists


def judged(adoption: Adoption) -> tuple[Judged, ...]:
    pairs = {(source, dest) for _, source, dest in services().imports.present()}
    problems = services().imports.problems([one.draft for one in adoption.proposals])
    return tuple(
        Judged(one, fields, (one.draft.source, one.draft.dest) in pairs)
        for one, fields in zip(adoption.proposals, problems, strict=True)
    )
