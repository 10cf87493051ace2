"""The verdicts as Markdown: a line for each kind alone, a line for each kind in all its pairs, and what all comes to."""

from collections.abc import Iterator, Sequence

from tests.benchmarks.drift.kinds import BY_SLUG, NO_PAIRS
from tests.benchmarks.drift.matrix import Outcome

UNCHANGED = "unchanged"
WHO = ("agent", "script", "person")


def told(outcomes: Sequence[Outcome]) -> str:
    """All tables that there is something to say in."""
    alone = [one for one in outcomes if len(one.case.slugs) < 2]
    pairs = [one for one in outcomes if len(one.case.slugs) == 2]
    parts = [*(_alone(alone) if alone else ()), *(_pairs(pairs) if pairs else ()), *_overall(outcomes)]
    return "\n".join(parts)


def in_short(outcomes: Sequence[Outcome], who_decides: str) -> str:
    """One item of a list: how far an agent came whose steps somebody decides, and what it did wrong."""
    changed = [one for one in _of("agent", outcomes) if one.case.slugs]
    goal, wrong = sum(one.verdict.reached for one in changed), sum(bool(one.verdict.wrong) for one in changed)
    what = " ".join(dict.fromkeys(sentence for one in changed for sentence in one.verdict.wrong))
    decided = f"steps decided by {_rungs(changed)}"
    return f"- **{who_decides}**: the goal in {goal} of {len(changed)}, wrong actions in {wrong}; {decided}. {what}".rstrip()


def _alone(outcomes: Sequence[Outcome]) -> Iterator[str]:
    who = _present(outcomes)
    yield _row(["Change", "What it is", *(head for one in who for head in _heads(one))])
    yield _rule(2 + sum(len(_heads(one)) for one in who))
    for slugs in dict.fromkeys(one.case.slugs for one in outcomes):
        here = [one for one in outcomes if one.case.slugs == slugs]
        name = slugs[0] if slugs else UNCHANGED
        words = BY_SLUG[name].words if slugs else "The shop as it was learnt."
        yield _row([name, words, *(cell for one in who for cell in _cells(_of(one, here), one))])
    yield ""


def _pairs(outcomes: Sequence[Outcome]) -> Iterator[str]:
    who = _present(outcomes)
    yield _row(["With another change", *(head for one in who for head in (f"{one}: goal", f"{one}: wrong actions"))])
    yield _rule(1 + 2 * len(who))
    for slug in (slug for slug in BY_SLUG if any(slug in one.case.slugs for one in outcomes)):
        here = [one for one in outcomes if slug in one.case.slugs]
        yield _row([slug, *(cell for one in who for cell in _summed(_of(one, here)))])
    yield ""
    missed = [" with ".join(one.case.slugs) for one in _of("agent", outcomes) if not one.verdict.reached]
    if missed:
        yield f"The agent did not reach the goal in: {'; '.join(missed)}."
        yield ""
    yield f"Left out: {'; '.join(_left_out())}."
    yield ""


def _left_out() -> Iterator[str]:
    for pair, because in NO_PAIRS.items():
        yield f"{' with '.join(sorted(pair))} ({because})"


def _overall(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What it comes to, the unchanged shop left out."""
    changed = [one for one in outcomes if one.case.slugs]
    for who in _present(changed):
        here = _of(who, changed)
        goal, wrong = sum(one.verdict.reached for one in here), sum(bool(one.verdict.wrong) for one in here)
        without = sum(_healed(one) for one in here)
        share = f"{100 * goal / len(here):.0f} %"
        model = f", {without} of them without a model" if who == "agent" else ""
        yield f"**{who}**: the goal in {goal} of {len(here)} changed shops ({share}){model}; wrong actions in {wrong}.  "


def _heads(who: str) -> list[str]:
    if who == "agent":
        return ["agent healed without a model", "wrong actions", "steps decided by", "it ended with"]
    return [f"{who}: goal", f"{who} ended with"]


def _cells(outcomes: Sequence[Outcome], who: str) -> list[str]:
    ended = "; ".join(dict.fromkeys(_ending(one) for one in outcomes if not one.verdict.reached))
    if who != "agent":
        wrong = dict.fromkeys(sentence for one in outcomes for sentence in one.verdict.wrong)
        return [
            _share(sum(one.verdict.reached for one in outcomes), outcomes),
            _cell(" ".join([ended, *wrong]).strip()),
        ]
    wrong_actions = " ".join(dict.fromkeys(sentence for one in outcomes for sentence in one.verdict.wrong))
    return [_share(sum(map(_healed, outcomes)), outcomes), _cell(wrong_actions), _rungs(outcomes), _cell(ended)]


def _summed(outcomes: Sequence[Outcome]) -> list[str]:
    reached, wrong = sum(one.verdict.reached for one in outcomes), sum(bool(one.verdict.wrong) for one in outcomes)
    return [_share(reached, outcomes), str(wrong or "")]


def _healed(outcome: Outcome) -> bool:
    """Whether the goal was reached, and no model asked."""
    return outcome.verdict.reached and not outcome.ran.asked


def _rungs(outcomes: Sequence[Outcome]) -> str:
    """How many steps each rung decided, in all runs."""
    counted: dict[str, int] = {}
    for one in outcomes:
        for rung, steps in one.ran.rungs.items():
            counted[rung] = counted.get(rung, 0) + steps
    return ", ".join(f"{rung} {steps}" for rung, steps in counted.items())


def _ending(outcome: Outcome) -> str:
    """The sentence it ended with, and what is missing if that does not say it."""
    return outcome.ran.ended or outcome.verdict.missing


def _share(good: int, outcomes: Sequence[Outcome]) -> str:
    return f"{good}/{len(outcomes)}" if outcomes else ""


def _of(who: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.case.who == who]


def _present(outcomes: Sequence[Outcome]) -> list[str]:
    return [who for who in WHO if _of(who, outcomes)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(columns: int) -> str:
    return _row(["---"] * columns)


def _cell(text: str) -> str:
    """A sentence as a cell holds it."""
    flat = " ".join(text.split()).replace("|", "\\|")
    return flat if len(flat) <= LONGEST_CELL else f"{flat[: LONGEST_CELL - 1]}…"


LONGEST_CELL = 160  # characters; a table is read, not studied
