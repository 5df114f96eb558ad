"""A model as a folder that serves itself: the net as ONNX, the engine's code that reads and decodes, a server
and a Dockerfile (docs/decisions/0013).
"""

import shutil
from importlib.metadata import version
from pathlib import Path

from training.contract.files import MODEL_CARD, ONNX_NET, WEIGHTS, read_model_card, write_json
from training.contract.leaving import Facts
from training.engine.leaving import manual
from training.engine.leaving.graphs import fits_graph, open_model, write_graph
from training.engine.leaving.server import FACTS

ROOT = Path(__file__).resolve().parents[3]
CODE = ("training/__init__.py", "training/contract", "training/engine", "annotation/__init__.py",
        "annotation/core")  # fmt: skip
NEEDED = ("imagecodecs", "numpy", "onnx", "onnxruntime", "pillow", "pyyaml", "safetensors", "scikit-image",
          "scipy", "tifffile", "zarr")  # fmt: skip
MODEL = "model"

_DOCKERFILE = """FROM python:3.12-slim
WORKDIR /served
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
# A smaller build of torch, without parts for graphics cards, comes from an index of its own:
# docker build --build-arg PIP_INDEX_URL=ADDRESS .
ARG PIP_INDEX_URL
RUN pip install --no-cache-dir torch=={torch} torchvision=={torchvision}
COPY . .
RUN useradd --no-create-home served
USER served
EXPOSE 8080
HEALTHCHECK --start-period=60s CMD ["python", "-c", \\
     "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health')"]
CMD ["python", "-m", "training.engine.leaving.server", "--host", "0.0.0.0", "--port", "8080"]
"""

_USE = """## Use

```sh
docker build -t {tag} . && docker run --rm -p 8080:8080 {tag}
curl http://127.0.0.1:8080/health
curl http://127.0.0.1:8080/card
curl -F image=@cells.png{labels} http://127.0.0.1:8080/predict -o {output}
```

Without Docker: `pip install -r requirements.txt torch torchvision`, then
`python -m training.engine.leaving.server --model model --port 8080` in this folder. `-F answer=json` asks
for a list of the cells instead of their labels. Which channels are read and how large the cells are is found
by itself; `-F channels=DAPI` names channels (or their numbers from 1, with commas between), `-F cell_px=12`
says the cells' diameter in pixels and `-F cell_px=learned` has the picture read as it is, which is fastest.
The answer's header `Cytoloop-Reading` tells how it was read. There is no sign-in: put one before it."""


def write_container(model: Path, facts: Facts, out: Path) -> Path:
    """Writes the folder into `out`. A net that no graph can hold comes with its weights. Raises WrongModel
    where the model is broken."""
    card = read_model_card(model)
    place = out / MODEL
    place.mkdir(parents=True, exist_ok=True)
    if fits_graph(card):
        write_graph(open_model(model), place / ONNX_NET, activated=False)
    else:
        shutil.copyfile(model / WEIGHTS, place / WEIGHTS)
    shutil.copyfile(model / MODEL_CARD, place / MODEL_CARD)
    write_json(place / FACTS, facts.to_json())
    for name in CODE:
        _copy(ROOT / name, out / name)
    torch, torchvision = (version(name).partition("+")[0] for name in ("torch", "torchvision"))
    (out / "Dockerfile").write_text(_DOCKERFILE.format(torch=torch, torchvision=torchvision))
    (out / "requirements.txt").write_text("".join(f"{name}=={version(name)}\n" for name in NEEDED))
    classifies = card.recipe == "classify"
    use = _USE.format(
        tag=_tag(facts.name),
        labels=" -F labels=@labels.tif" if classifies else "",
        output="cells.json" if classifies else "answer.tif",
    )
    (out / "README.md").write_text(manual.write_card(card, facts, use), encoding="utf-8")
    return out


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copyfile(source, target)
        return
    unwanted = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(source, target, ignore=unwanted, dirs_exist_ok=True)


def _tag(name: str) -> str:
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
    return kept.strip("-") or "model"
