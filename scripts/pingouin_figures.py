"""Write tests/unit/pingouin.json: what the package pingouin computes from the generated answers of the tests.

pingouin and what it needs take 570 MB, so it is not among the requirements. Make an environment of its own:

    python -m venv var/pingouin && var/pingouin/bin/pip install pingouin==0.7.0
    var/pingouin/bin/python -m scripts.pingouin_figures
"""

import json
import pathlib

import pandas
import pingouin

from tests.unit import generated_answers as generated

FILE = pathlib.Path("tests/unit/pingouin.json")


def main() -> None:
    """Write the file."""
    same = pandas.DataFrame(generated.same_paper())
    rest = {item: same.drop(columns=item).sum(axis=1) for item in same}
    own = pandas.DataFrame(
        [
            {"person": person, "place": place, "points": points}
            for person, paper in enumerate(generated.own_papers())
            for place, points in enumerate(paper.values())
        ]
    )
    icc = pingouin.intraclass_corr(own, targets="person", raters="place", ratings="points")
    [average] = icc.loc[icc["Type"].isin(["ICC1k", "ICC(1,k)"]), "ICC"]
    figures = {
        "version": pingouin.__version__,
        "alpha": float(pingouin.cronbach_alpha(same)[0]),
        "item_rest": [float(pingouin.corr(same[i], rest[i])["r"].iloc[0]) for i in same],
        "icc1k": float(average),
    }
    FILE.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
