"""The verdict on a head in words."""

from collections.abc import Mapping
from typing import Any

from bundle.heads import Action
from bundle.heads.verdict import LIKELY
from bundle.labels import ANY, SUBTYPES

_SIDES = {
    "left": "on the patient's left",
    "right": "on the patient's right",
    "both": "on both sides",
    "midline": "at the midline",
}
_NAMED, _ALSO = 0.1, 0.5
"""Probability of the most probable subtype, and of a further one, from which on it is named."""


def verdict_sentences(record: Mapping[str, Any]) -> list[str]:
    """Return what was found in a head, a sentence each: verdict, score, subtypes, where.

    Args:
        record: of the series, see `bundle.results.records`; any field but "action" may be absent, None or "".

    Example:
        >>> head = {"action": "read first", "p_any": 0.91, "threshold": 0.3, "p_subdural": 0.84, "where_side": "left"}
        >>> verdict_sentences({**head, "where_from_slice": 4, "where_to_slice": 7})
        ['A hemorrhage is likely.', 'P(any) is 0.91, the threshold 0.30.', 'Most probable subtype: subdural (0.84).',
         "Where: on the patient's left, slices 4 to 7."]
    """
    sentences = [_verdict(record)]
    p_any = record.get(f"p_{ANY}")
    if p_any is None:
        return sentences
    sentences.append(_score(p_any, record.get("threshold")))
    if record["action"] == Action.ROUTINE:
        return sentences
    if record["action"] == Action.READ_FIRST and (doubt := doubts(record)):
        sentences.append(f"Doubts: {doubt}.")
    if subtypes := likely_subtypes(record):
        first, *others = (f"{name} ({score:.2f})" for name, score in subtypes.items())
        sentences.append(f"Most probable subtype: {', also '.join([first, ', '.join(others)] if others else [first])}.")
    if where := where_words(record):
        sentences.append(f"Where: {where}.")
    return sentences


def likely_subtypes(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the subtypes that a verdict names with their probabilities, the most probable first.

    Example:
        >>> likely_subtypes({"p_any": 0.9, "p_epidural": 0.3, "p_subdural": 0.8, "p_subarachnoid": 0.6})
        {'subdural': 0.8, 'subarachnoid': 0.6}
    """
    scores = {name: record.get(f"p_{name}") or 0.0 for name in SUBTYPES}
    first, *others = sorted(SUBTYPES, key=lambda name: -scores[name])
    named = [first] * (scores[first] >= _NAMED) + [name for name in others if scores[name] >= _ALSO]
    return {name: scores[name] for name in named}


def doubts(record: Mapping[str, Any]) -> str:
    """Return why a head is not routine, but for what its verdict says already.

    Example:
        >>> doubts({"refer_reason": "a bleed is likely; MR; half of its slices failed"})
        'MR; half of its slices failed'
    """
    return "; ".join(reason for reason in (record.get("refer_reason") or "").split("; ") if reason != LIKELY)


def where_words(record: Mapping[str, Any]) -> str:
    """Return where in a head the evidence lies: side, slices, millimetres and HU, as far as they are known.

    Slices of known position are counted from the base, whatever a viewer numbers them by; so that is said. One that
    was given alone has no number.

    Example:
        >>> where = {"where_side": "midline", "where_from_mm": 41.0, "where_to_mm": 56.5, "where_hu": 63.2}
        >>> where_words({**where, "where_from_slice": 9, "where_to_slice": 12})
        'at the midline, slices 9 to 12 counted from the base (41.0 to 56.5 mm), 63 HU on average'
        >>> where_words({"slices": 1, "where_side": "left", "where_from_mm": 47.4, "where_to_mm": 47.4})
        "on the patient's left, at 47.4 mm"
    """
    parts = []
    if side := record.get("where_side"):
        parts.append(_SIDES[side])
    first, last = record.get("where_from_slice"), record.get("where_to_slice")
    low, high = record.get("where_from_mm"), record.get("where_to_mm")
    place = ""
    if _known(low) and _known(high):
        place = f"{low:.1f} mm" if low == high else f"{low:.1f} to {high:.1f} mm"
    if record.get("slices") == 1:
        if place:
            parts.append(f"at {place}")
    elif _known(first) and _known(last):
        part = f"slice {first}" if first == last else f"slices {first} to {last}"
        parts.append(f"{part} counted from the base ({place})" if place else part)
    if _known(hu := record.get("where_hu")):
        parts.append(f"{hu:.0f} HU on average")
    return ", ".join(parts)


def _verdict(record: Mapping[str, Any]) -> str:
    match record["action"]:
        case Action.READ_FIRST:
            return "A hemorrhage is likely."
        case Action.ROUTINE:
            return "No hemorrhage was found."
        case _:
            reasons = doubts(record)
            return f"To be read by a radiologist: {reasons}." if reasons else "To be read by a radiologist."


def _score(p_any: float, threshold: float | None) -> str:
    if not threshold:
        return f"P({ANY}) is {p_any:.2f}."
    # On the page 0.268 is below a threshold of 0.2684, not equal to it.
    digits = next((digits for digits in range(2, 6) if round(p_any, digits) != round(threshold, digits)), 2)
    return f"P({ANY}) is {p_any:.{digits}f}, the threshold {threshold:.{digits}f}."


def _known(value: Any) -> bool:
    return value not in (None, "")
