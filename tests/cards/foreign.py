"""A list of works that somebody else might keep: ten works in each of the usual styles, none of which exists."""

from collections.abc import Callable
from typing import NamedTuple

ADJECTIVES = ("Patient", "Silent", "Frugal", "Verifiable", "Curious", "Steady", "Nimble", "Honest", "Sparse", "Gentle")
SUBJECTS = (
    "Counters for Long Sums", "Rewards in Tiny Worlds", "Search over Abacus States", "Chains of Written Thought",
    "Critics that Read Proofs", "Curricula of Puzzles", "Samplers at Test Time", "Agents in Paper Towns",
    "Pruning of Spoken Steps", "Policies with Two Clocks", "Models that Ask Back", "Graders without Answers",
    "Walks on Reasoning Trees", "Budgets for Slow Thinking", "Notes from Failed Runs",
)  # fmt: skip
PER_STYLE = len(ADJECTIVES)
FIRE = "\N{FIRE}"
AUTHORS = "Ada Lovelace, Charles Babbage, Grace Hopper"
BADGE = "https://img.shields.io/badge"
REMARK = "teaches small models to count"


class Foreign(NamedTuple):
    """A work of the list: its id on arXiv and its title."""

    id: str
    title: str


def works(style: int) -> list[Foreign]:
    """The ten works that stand in this style."""
    return [
        Foreign(f"2504.{style * PER_STYLE + number + 1:05}", f"{adjective} {SUBJECTS[style]}")
        for number, adjective in enumerate(ADJECTIVES)
    ]


def _link(work: Foreign) -> str:
    return f"- [{work.title}](https://arxiv.org/abs/{work.id}) - {REMARK}"


def _bold(work: Foreign) -> str:
    links = f"[[paper]](https://arxiv.org/pdf/{work.id}.pdf) [[code]](https://github.com/ada/{work.id[5:]})"
    return f"- **{work.title}**. *{AUTHORS}*. NeurIPS 2025. {links} ![]({BADGE}/stars-12-blue)"


def _emoji(work: Foreign) -> str:
    return f"* {FIRE} [2025/04] {work.title}, [[Paper](http://arxiv.org/pdf/{work.id}v3)], 2025.04"


def _row(work: Foreign) -> str:
    return f"| 2025-04 | [{work.title}](https://arxiv.org/abs/{work.id}) | ICLR 2026 | {REMARK} |"


def _badged_row(work: Foreign) -> str:
    badge = f"[![arXiv]({BADGE}/arXiv-{work.id}-b31b1b.svg)](https://arxiv.org/abs/{work.id})"
    return f"| **{work.title}** <br> {AUTHORS} | {badge} | [Github](https://github.com/ada/{work.id[5:]}) |"


def _html_item(work: Foreign) -> str:
    return (
        f'<li><a href="https://arxiv.org/abs/{work.id}"><b>{work.title}</b></a>, <i>{AUTHORS}</i>\n<br> {REMARK}</li>'
    )


def _html_row(work: Foreign) -> str:
    address = f"https://www.alphaxiv.org/abs/{work.id}"
    return f'<tr>\n  <td>{work.title}</td>\n  <td align="center"><a href="{address}">Link</a></td>\n</tr>'


def _nested(work: Foreign) -> str:
    return f"- {work.title}\n  - *{AUTHORS}*\n  - Paper: https://arxiv.org/abs/{work.id}\n  - {REMARK}\n"


def _referenced(work: Foreign) -> str:
    return f"1. [{work.title}][{work.id}], {AUTHORS}\n"


def _heading(work: Foreign) -> str:
    return f"#### [{work.title}](https://huggingface.co/papers/{work.id}) (A Lab)\n\n- {REMARK}\n- uses beads\n"


def _paragraph(work: Foreign) -> str:
    return f"[(2025 Apr) {work.title}\n](https://arxiv.org/abs/{work.id})\n\n-> {REMARK}\n"


def _quoted(work: Foreign) -> str:
    return f'- {AUTHORS}. "{work.title}." arXiv preprint arXiv:{work.id} (2025).'


def _folded(work: Foreign) -> str:
    return f"+ [arXiv 2025] **{work.title}** [[PDF]](https://arxiv.org/pdf/{work.id}) ![]({BADGE}/new-red)"


def _doi(work: Foreign) -> str:
    return f"- *{work.title}*, {AUTHORS}, 2025. <https://doi.org/10.48550/arXiv.{work.id}>"


def _bare_badge(work: Foreign) -> str:
    return f"- {work.title} ![arXiv]({BADGE}/arXiv-{work.id}-red?style=flat) **[A Lab]** {REMARK}"


STYLES: dict[str, Callable[[Foreign], str]] = {
    "Efficient reasoning": _link,
    f"{FIRE} Test-Time Scaling (10)": _bold,
    "Process Reward": _emoji,
    "Scaling Laws": _row,
    "Papers": _badged_row,
    "Safety": _html_item,
    "Reproductions of R1": _html_row,
    "Code generation": _nested,
    "RAG": _referenced,
    "Logic & Puzzles": _heading,
    "RL Algorithms": _paragraph,
    "Surveys of the whole field": _quoted,
    "Long CoT": _folded,
    "Training Recipe": _doi,
    "Data": _bare_badge,
}
TABLES = {
    _row: "| Date | Paper | Venue | Comment |\n|:--|---|:-:|---|",
    _badged_row: "| Title & Authors | Paper | Code |\n|---|---|---|",
}
AROUND = {
    _html_item: ("<ul>", "</ul>"),
    _html_row: ("<div align='center'><table>\n<tr><th>Title</th><th>Link</th></tr>", "</table></div>"),
    _folded: ("<details open><summary>Show all</summary>\n", "\n</details>"),
}


def foreign_list() -> str:
    """The list as Markdown, with what lists have around their works: a picture, badges, contents, a way to cite."""
    parts = [
        f"# Awesome Abaci {FIRE}\n\n[![Awesome](https://awesome.re/badge.svg)](https://awesome.re)\n",
        "<p align='center'><img src='./logo.png'></p>\n\n## Contents\n\n- [Papers](#papers)\n- [Data](#data)\n",
    ]
    for number, (section, style) in enumerate(STYLES.items()):
        before, after = AROUND.get(style, (TABLES.get(style, ""), ""))
        lines = [before, *map(style, works(number)), after]
        parts.append(f"## {section}\n\n" + "\n".join(line for line in lines if line) + "\n")
    parts.append("\n".join(f"[{work.id}]: https://arxiv.org/abs/{work.id}" for work in works(8)))
    return (
        "\n".join(parts) + "\n\n## Citation\n\n```bibtex\n@misc{us, title={Awesome Abaci}, eprint={2504.09999}}\n```\n"
    )
