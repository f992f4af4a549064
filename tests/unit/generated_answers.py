"""Answers made by a simple model, the same under every version of Python; by them our figures are compared."""

import random

PEOPLE, ITEMS, BANK = 400, 20, 60


def same_paper(people: int = PEOPLE, items: int = ITEMS) -> list[list[int]]:
    """Everybody's answers to the same questions, 1 for right: ability against difficulty."""
    draw = random.Random(7).random
    abilities = [draw() for _ in range(people)]
    hardness = [draw() for _ in range(items)]
    return [[int(draw() < 0.5 + (a - h) / 2) for h in hardness] for a in abilities]


def own_papers(people: int = PEOPLE, items: int = ITEMS, bank: int = BANK) -> list[dict[int, int]]:
    """Everybody's answers to questions drawn for them alone: number of the question in the bank → 1 for right."""
    generator = random.Random(11)
    hardness = [generator.random() for _ in range(bank)]
    papers = []
    for _ in range(people):
        ability = generator.random()
        ranks = [(generator.random(), question) for question in range(bank)]
        drawn = sorted(question for _, question in sorted(ranks)[:items])
        right = [int(generator.random() < 0.5 + (ability - hardness[q]) / 2) for q in drawn]
        papers.append(dict(zip(drawn, right, strict=True)))
    return papers
