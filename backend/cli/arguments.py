"""What may be typed. Nothing heavy is imported here: `--help` and a typing error answer at once."""

import argparse
from pathlib import Path

from training.contract.recipes.link import LINKERS

FORMATS = (
    "label-tiff", "ome-tiff", "ctc", "coco", "trackmate", "geff", "track-table", "imagej-roi", "measures",
)  # fmt: skip
MODEL_FORMATS = ("onnx", "bioimageio", "container")
LICENCES = ("CC-BY-4.0", "CC0-1.0", "BSD-3-Clause", "MIT", "Apache-2.0")
RECIPES = ("instances", "semantic", "classify", "detect", "translate", "embed", "learn_links")


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    parser = argparse.ArgumentParser(prog="cytoloop", description="From microscope images to measurements.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_service_commands(commands)
    _add_loop_commands(commands)
    _add_record_commands(commands)
    return parser


def _add_service_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    up = commands.add_parser("up", help="start database, web and workers; Ctrl-C stops them")
    up.add_argument(
        "--web",
        type=int,
        metavar="N",
        help="web server processes on the same address (default: one for each two cores, at most 4)",
    )
    up.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    web = commands.add_parser("web", help="only the web server (for a cluster)")
    web.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    web.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    worker = commands.add_parser("worker", help="only a worker (for a cluster)")
    worker.add_argument(
        "--queues", default="cpu,interactive", help="which letters it answers (default: %(default)s)"
    )
    worker.add_argument("--concurrency", type=int, default=1, help="letters at a time (default: %(default)s)")
    worker.add_argument("--name", default="worker", help="its name in the log")
    worker.add_argument("--beat", action="store_true", help="also keep the sweeps' clock; one worker must")
    worker.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    engine = commands.add_parser(
        "engine", help="only the engine process that reads pictures for click-to-segment (for a cluster)"
    )
    engine.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    _add_prompt_model_command(commands)
    commands.add_parser("prepare", help="bring the tables up to date, make the first account (for a cluster)")


def _add_loop_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    ingest = _loop_command(commands, "ingest", "bring images, and labels that belong to them, into a dataset")
    ingest.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_FILES")
    ingest.add_argument(
        "--dataset", required=True, metavar="NAME", help="made when there is none of this name"
    )
    ingest.add_argument(
        "--drafts", action="store_true", help="labels come in as drafts, to be accepted by a person"
    )
    _add_axes(ingest)

    train = _loop_command(commands, "train", "freeze a snapshot of a dataset and train a model on it")
    train.add_argument("--dataset", required=True, metavar="NAME")
    train.add_argument("--recipe", required=True, choices=RECIPES)
    train.add_argument(
        "--minutes", type=float, metavar="M", help="stop after this long (default: the recipe decides)"
    )
    train.add_argument(
        "--name", metavar="MODEL", help="the trained model's name (default: dataset and recipe)"
    )
    train.add_argument("--seed", type=int, default=0)
    train.add_argument(
        "--setting", action="append", default=[], metavar="KEY=VALUE", help="one of the recipe's settings"
    )
    train.add_argument(
        "--from", dest="init_from", metavar="MODEL", help="continue from this trained model's weights"
    )

    _add_search_command(commands)

    predict = _loop_command(commands, "predict", "run a trained model on a folder of images")
    predict.add_argument(
        "--model", required=True, metavar="MODEL", help="its name; “nuclei” and “cells” came with Cytoloop"
    )
    predict.add_argument("--images", required=True, type=Path, metavar="FOLDER")
    predict.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="one output per input, same stem"
    )
    predict.add_argument(
        "--fast", action="store_true", help="read each picture once: four times as fast, a little less exact"
    )
    predict.add_argument(
        "--channels",
        metavar="NAMES",
        help="channels that the model is shown, by names or numbers from 1, with commas between (default: "
        "those that fit it, by their names)",
    )
    predict.add_argument(
        "--cell-px",
        metavar="PX",
        help="diameter of the cells in px, “auto” (found by itself, the default) or “learned” (as those the "
        "model learned from)",
    )
    predict.add_argument(
        "--track",
        nargs="?",
        const=LINKERS[0],
        metavar="LINKER",
        help=f"also follow the cells of movies over time: by {', '.join(LINKERS)} (default: {LINKERS[0]}) "
        "or a trained linker's name; writes NAME_RES with res_track.txt and NAME_links.csv",
    )
    _add_axes(predict)

    evaluate = _loop_command(
        commands, "evaluate", "compare two folders of labels, tracks, boxes, classes, channels"
    )
    evaluate.add_argument("--truth", required=True, type=Path, metavar="FOLDER")
    evaluate.add_argument("--predicted", required=True, type=Path, metavar="FOLDER")
    _add_axes(evaluate)

    _add_track_command(commands)

    export = _loop_command(commands, "export", "write a dataset's labels in a format others read")
    export.add_argument("--dataset", required=True, metavar="NAME")
    export.add_argument("--format", required=True, choices=FORMATS)
    export.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    export.add_argument(
        "--drafts", action="store_true", help="the newest labels instead of the accepted ones"
    )

    _add_leaving_commands(commands)
    _add_slide_command(commands)


def _add_record_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    releases = _loop_command(commands, "releases", "list, make, download and prove releases of a dataset")
    releases.add_argument("action", choices=("list", "make", "download", "verify"))
    releases.add_argument("--dataset", required=True, metavar="NAME")
    releases.add_argument("--name", help="of the release; what is listed needs none")
    releases.add_argument("--title", default="", help="make: as it is cited")
    releases.add_argument("--notes", default="", help="make: what is in it")
    releases.add_argument("--licence", default="", choices=("", *LICENCES), help="make: may be left open")
    releases.add_argument("--drafts", action="store_true", help="make: the newest labels, accepted or not")
    releases.add_argument("--format", choices=FORMATS, default="coco", help="download (default: %(default)s)")
    releases.add_argument("--out", type=Path, default=Path("release"), metavar="FOLDER")

    audit = _loop_command(commands, "audit", "export the log of every edit, or replay one and compare")
    audit.add_argument("action", choices=("export", "replay"))
    audit.add_argument("--file", type=Path, required=True, help="JSON lines; export also writes .csv")
    audit.add_argument("--image", metavar="NAME", help="export: of this image alone")


def _add_track_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    track = _loop_command(
        commands, "track", "link given masks of movies; writes Cell Tracking Challenge results"
    )
    track.add_argument(
        "--images", required=True, type=Path, metavar="FOLDER", help="of movies, in any layout"
    )
    track.add_argument(
        "--labels", required=True, type=Path, metavar="FOLDER", help="masks with the names of the movies"
    )
    track.add_argument(
        "--linker", choices=LINKERS, default=LINKERS[0], help="who decides (default: %(default)s)"
    )
    track.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a trained linker (model.json); exact or global decides"
    )
    track.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="gets NAME_RES with res_track.txt"
    )
    track.add_argument(
        "--setting", action="append", default=[], metavar="KEY=VALUE", help="one of the recipe's settings"
    )
    _add_axes(track)


def _add_leaving_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    leave = _loop_command(commands, "export-model", "write a trained model in a form that others run")
    leave.add_argument("--model", required=True, metavar="MODEL")
    leave.add_argument("--format", required=True, choices=MODEL_FORMATS)
    leave.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    leave.add_argument(
        "--licence",
        choices=LICENCES,
        default=LICENCES[0],
        help="under which it is passed on (default: %(default)s)",
    )
    decide = _loop_command(commands, "decide", "tell the class of single cells as they come, in real time")
    decide.add_argument("--model", required=True, metavar="MODEL", help="of classify, with mask = none")
    decide.add_argument("--frame", type=Path, metavar="PICTURE", help="a whole frame, for the grey values")
    decide.add_argument("--low", type=float, default=0.0, help="darkest grey value (default: %(default)s)")
    decide.add_argument("--high", type=float, default=255.0, help="brightest (default: %(default)s)")
    decide.add_argument("--side", type=int, metavar="PX", help="of the cell images (default: the model's)")
    decide.add_argument("--dtype", choices=("uint8", "uint16", "float32"), default="uint8")
    decide.add_argument("--socket", type=Path, help="where cells come from (default: standard input)")
    decide.add_argument(
        "--measure", type=int, default=0, metavar="N", help="only measure, on N made-up cells"
    )
    decide.add_argument("--every-ms", type=float, default=0.0, help="with --measure: a cell each so often")


def _add_prompt_model_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    model = commands.add_parser(
        "prompt-model", help="install a larger click-to-segment model for the engine process, or take it away"
    )
    model.add_argument("action", choices=("install", "remove", "show"))
    model.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="with encoder.onnx, decoder.onnx and prompt.json, as Segment Anything is exported",
    )


def _add_slide_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    slide = _loop_command(
        commands, "simulate-slide", "make a large simulated image with its labels: test material, no data"
    )
    slide.add_argument("--size", type=int, default=16_384, metavar="PX", help="a side (default: %(default)s)")
    slide.add_argument(
        "--cells", type=int, default=10_000, metavar="N", help="at least about so many (default: %(default)s)"
    )
    slide.add_argument(
        "--dataset", required=True, metavar="NAME", help="made when there is none of this name"
    )
    slide.add_argument("--seed", type=int, default=0, help="another seed is another slide")


def _add_axes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--axes",
        type=stated_axes,
        metavar="AXES",
        help="what the axes of the files are, as TYX or ZYX (of T, C, Z, Y, X), or only Z or T: what an axis "
        "is that a file does not name (default: as files, their names and labels tell, else time)",
    )


def stated_axes(text: str) -> str:
    """`zyx` → `ZYX`; raises ArgumentTypeError."""
    letters = text.upper()
    whole = set("YX") <= set(letters) <= set("TCZYX") and len(set(letters)) == len(letters)
    if not whole and letters not in ("T", "Z", "C"):
        raise argparse.ArgumentTypeError(f"{text}: write for example TYX, ZYX or TZYX, or only Z, T or C")
    return letters


def _loop_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, explanation: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=explanation, description=explanation[0].upper() + explanation[1:] + "."
    )
    parser.add_argument("--json", action="store_true", help="answer with JSON on standard output")
    parser.add_argument("--project", metavar="NAME", help="which project (default: the first one)")
    return parser


def _add_search_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    search = _loop_command(commands, "search", "try settings of a recipe and keep the best model")
    search.add_argument("--dataset", required=True, metavar="NAME")
    search.add_argument("--recipe", required=True, choices=RECIPES)
    search.add_argument("--minutes", type=float, required=True, metavar="M", help="for all trials together")
    search.add_argument("--trial-minutes", type=float, metavar="M", help="for one (default: a sixth)")
    search.add_argument("--cpu", action="store_true", help="the minutes are of processor time")
    search.add_argument(
        "--vary", action="append", default=[], metavar="SETTING", help="(default: as the recipe says)"
    )
    search.add_argument("--name", metavar="MODEL", help="the best model's name")
    search.add_argument("--seed", type=int, default=0)
    search.add_argument(
        "--setting", action="append", default=[], metavar="KEY=VALUE", help="one that all trials begin with"
    )
    search.add_argument("--from", dest="init_from", metavar="MODEL", help="what all trials continue from")
