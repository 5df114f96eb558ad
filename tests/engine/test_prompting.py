"""Click-to-segment in the engine: windows, clicks, learning, export, the resident process's answers."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from tests.engine.conftest import discs
from tests.pictures import generate_prompting
from training.contract import socket_words
from training.contract.prompting import (
    CONTRACT,
    DECODER,
    ENCODER,
    SHIPPED,
    WHOLE,
    InvalidPromptModel,
    PromptModel,
    digest_of,
    read_model,
)
from training.engine.prompting import answering, clicks, crops, judging, learn, pictures, windows
from training.engine.prompting.answering import Prompt
from training.engine.prompting.embedding import embed_frame, from_bytes, look_of, see, to_bytes
from training.engine.prompting.export import export
from training.engine.prompting.nets import PromptNet
from training.engine.prompting.pictures import Picture
from training.engine.prompting.sessions import open_decoder, open_encoder
from training.engine.prompting.whole import WholeModel
from training.engine.resident import Resident, runs_of


def tiny_net() -> PromptNet:
    torch.manual_seed(1)
    return PromptNet(features=4, widths=(8, 12), decoder_widths=(8, 12, 12, 12)).eval()


def picture(seed: int) -> Picture:
    pixels, labels = discs(seed)
    return pictures.prepare(name=str(seed), origin="discs", kind="discs", frame=pixels[None], labels=labels)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny net, exported."""
    folder = tmp_path_factory.mktemp("model")
    export(tiny_net(), folder, name="tiny")
    return folder


def test_M14_the_exported_nets_say_what_the_trained_ones_say(shipped: Path) -> None:
    net = tiny_net()
    for height, width in ((32, 48), (64, 32)):
        seen = np.random.default_rng(0).uniform(-0.2, 1.4, (1, 3, height, width)).astype(np.float32)
        with torch.no_grad():
            wanted = net.encoder(torch.from_numpy(seen)).numpy()
        assert np.abs(open_encoder(shipped)(seen) - wanted).max() < 1e-4
    rng = np.random.default_rng(1)
    decode = open_decoder(shipped)
    for points in ([[20.0, 30.0, 1.0]], [[20.0, 30.0, 1.0], [5.0, 5.0, -1.0], [0.0, 0.0, 0.0]]):
        asked = (
            rng.uniform(-1, 1, (4, 48, 48)).astype(np.float32),
            (rng.random((1, 48, 48)) > 0.2).astype(np.float32),
            np.array(points, np.float32),
            np.array([8, 9, 30, 33, len(points) % 2], np.float32),
            rng.normal(0, 2, (1, 96, 96)).astype(np.float32),
        )
        logits, quality = decode(*asked)
        with torch.no_grad():
            said, judged = net.decoder(*(torch.from_numpy(part)[None] for part in asked))
        assert np.abs(logits - said[0, 0].numpy()).max() < 1e-4
        assert abs(quality - float(judged[0])) < 1e-4


def test_M14_python_and_the_page_answer_the_same_questions() -> None:
    written = json.loads((Path(generate_prompting.__file__).parent / "prompting.json").read_text())
    made = json.loads(json.dumps(generate_prompting.make()))
    assert written == made


def test_M14_an_embedding_made_of_tiles_is_the_whole_frame_read_at_once_away_from_their_borders(
    shipped: Path,
) -> None:
    model = read_model(shipped)
    frame = np.random.default_rng(2).integers(0, 900, (1, 530, 544)).astype(np.uint16)
    tiled = embed_frame(open_encoder(shipped), model, frame)
    net = tiny_net()
    seen = see(frame, look_of(frame))
    whole = judging.embed(net, seen)
    assert tiled.shape == whole.shape == (4, 265, 272)
    # Rounding to bytes moves a number by half a step of 1 / 127.5.
    assert np.abs(tiled - whole)[:, :200, :200].max() < 0.5 / 127.5 + 1e-4


def test_bytes_and_back_lose_less_than_half_a_step() -> None:
    values = np.linspace(-1, 1, 1001, dtype=np.float32)
    assert np.abs(from_bytes(to_bytes(values)) - values).max() <= 0.5 / 127.5 + 1e-6


def test_the_next_click_lies_deepest_in_the_largest_error() -> None:
    truth = np.zeros((20, 30), bool)
    truth[5:15, 5:15] = True
    answer = truth.copy()
    answer[5:15, 5:9] = False
    answer[2:5, 20:23] = True
    y, x, sign = clicks.next_click(truth, answer) or (0, 0, 0)
    assert sign == 1
    assert 5 <= x < 9
    assert 6 <= y < 14
    assert clicks.next_click(truth, truth) is None
    extra = np.zeros_like(truth)
    extra[0:12, 18:30] = True
    y, x, sign = clicks.next_click(truth, truth | extra) or (0, 0, 0)
    assert (sign, extra[y, x]) == (-1, True)


def test_training_clicks_say_what_is_wrong() -> None:
    truth = torch.zeros(2, 1, 32, 32)
    truth[:, :, 8:24, 8:24] = 1
    logits = torch.where(truth > 0, 5.0, -5.0)
    logits[0, 0, 8:24, 8:16] = -5
    generator = torch.Generator().manual_seed(0)
    y, x, sign = clicks.correct(truth, logits, torch.ones_like(truth), generator)
    assert sign.tolist() == [1, 0]
    assert 8 <= int(x[0]) < 16
    assert 8 <= int(y[0]) < 24


def test_a_window_leaves_room_around_the_cell() -> None:
    assert [windows.scale_for(px) for px in (10, 71, 72, 142, 143, 284, 9999)] == [1, 1, 2, 2, 4, 4, 8]
    window = windows.window_around(100, 37, 2)
    assert (window.top, window.left, window.side_px) == (25 - 24, 9 - 24, 192)


def test_a_crop_as_it_is_keeps_pixels_and_labels() -> None:
    shown = picture(3)
    crop = crops.cut(shown, (40, 44), np.eye(2), crop_px=32)
    assert np.array_equal(crop.labels.numpy(), shown.labels[24:56, 28:60])
    assert np.allclose(crop.pixels.numpy(), shown.pixels[:, 24:56, 28:60].astype(np.float32), atol=1e-3)
    outside = crops.cut(shown, (2, 2), np.eye(2), crop_px=32)
    assert (outside.labels[:14] == -1).all()
    assert (outside.target[3, :14] == 0).all()


def test_a_perfect_decoder_scores_one_where_small_cells_are_asked_in_an_enlarged_picture() -> None:
    shown = picture(4)
    cell = int(shown.cells[0, 0])
    zooms: list[int] = []

    def embedding_at(zoom: int) -> np.ndarray:
        """The truth itself; enlarged, a cell of the embedding is a pixel."""
        zooms.append(zoom)
        truth = np.where(shown.labels == cell, 1.0, -1.0).astype(np.float32)
        return (truth if zoom == 2 else truth[::2, ::2])[None]

    def decode(embedding: np.ndarray, *_: np.ndarray) -> tuple[np.ndarray, float]:
        return embedding[0].repeat(2, 0).repeat(2, 1), 1.0

    rng = np.random.default_rng(0)
    ious, quality = judging.click_on(decode, embedding_at, shown, cell, 3, "deepest", rng)
    assert ious == [1.0, 1.0, 1.0]
    assert quality == 1.0
    assert set(zooms) == {1, 2}


@pytest.mark.filterwarnings("ignore")
def test_M14_training_goes_on_where_it_stopped_and_learns(tmp_path: Path) -> None:
    shown = [picture(seed) for seed in range(6)]
    for steps in (6, 14):
        learn.learn(
            pictures=shown,
            out=tmp_path,
            minutes=None,
            steps=steps,
            threads=1,
            net=tiny_net(),
            reading_sizes=((64, 2, 0, 1.0),),
            answering_sizes=((64, 2, 2, 1.0),),
        )
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["resumed"] for line in lines if "resumed" in line] == [False, True]
    assert lines[-1]["step"] == 14
    assert lines[-1]["held_out"]["cells"] > 0
    again = learn.load_net(tmp_path)
    assert again.describe() == tiny_net().describe()


def test_learning_needs_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "None of the open sets" in capsys.readouterr().err


# ---------------------------------------------------------------- contract and resident process


def test_a_contract_reads_back_what_was_written(shipped: Path) -> None:
    model = read_model(shipped)
    assert PromptModel.from_json(model.to_json()) == model


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "cloud"}, "kind"),
        ({"format": 9}, "format"),
        ({"scales": []}, "scales"),
        ({"name": ""}, "name"),
    ],
)
def test_a_contract_that_says_nonsense_is_refused(
    shipped: Path, change: dict[str, object], word: str
) -> None:
    words = {**read_model(shipped).to_json(), **change}
    with pytest.raises(InvalidPromptModel, match=word):
        PromptModel.from_json(words)


def test_a_changed_file_is_noticed(shipped: Path, tmp_path: Path) -> None:
    for name in (ENCODER, DECODER, CONTRACT):
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    (tmp_path / DECODER).write_bytes(b"other")
    with pytest.raises(InvalidPromptModel, match="not those"):
        read_model(tmp_path)


def larger_model(folder: Path, *, side: int = 64) -> Path:
    """As Segment Anything is exported, but the mask is simply what is bright."""
    folder.mkdir(parents=True, exist_ok=True)
    floats = TensorProto.FLOAT
    weights = helper.make_tensor("w", floats, [1, 3, 1, 1], [1.0, 1.0, 1.0])
    square = helper.make_tensor_value_info("image", floats, [1, 3, side, side])
    embedded = helper.make_tensor_value_info("embedding", floats, [1, 1, side, side])
    conv = helper.make_node("Conv", ["image", "w"], ["embedding"])
    graph = helper.make_graph([conv], "encoder", [square], [embedded], [weights])
    _write(graph, folder / ENCODER)
    shapes: dict[str, list[str | int | None]] = {
        "image_embeddings": [1, 1, side, side], "point_coords": [1, "n", 2], "point_labels": [1, "n"],
        "mask_input": [1, 1, 256, 256], "has_mask_input": [1], "orig_im_size": [2],
    }  # fmt: skip
    inputs = [helper.make_tensor_value_info(name, floats, shape) for name, shape in shapes.items()]
    masks = helper.make_tensor_value_info("masks", floats, [1, 1, side, side])
    quality = helper.make_tensor_value_info("iou_predictions", floats, [1, 1])
    sure = helper.make_tensor("q", floats, [1, 1], [0.93])
    nodes = [
        helper.make_node("Identity", ["image_embeddings"], ["masks"]),
        helper.make_node("Constant", [], ["iou_predictions"], value=sure),
    ]  # fmt: skip
    _write(helper.make_graph(nodes, "decoder", inputs, [masks, quality]), folder / DECODER)
    words = {"format": 1, "name": "bright", "kind": WHOLE, "digest": digest_of(folder), "side_px": side}
    (folder / CONTRACT).write_text(json.dumps(words))
    return folder


def _write(graph: onnx.GraphProto, path: Path) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())


def test_L14_the_shipped_model_is_whole_and_says_what_it_learnt_from() -> None:
    folder = SHIPPED
    model = read_model(folder)
    assert model.kind == "window"
    assert model.scores is not None
    assert {"one_click", "three_clicks"} <= set(model.scores)
    card = (folder / "README.md").read_text()
    for word in ("dsb2018_nuclei", "CC0", "usiigaci", "bbbc030", "CC BY 3.0", "Limits"):
        assert word in card
    assert sum((folder / name).stat().st_size for name in (ENCODER, DECODER)) < 10_000_000


def test_M14_the_resident_process_embeds_a_tile_and_measures_a_look(shipped: Path) -> None:
    resident = Resident(larger=None, shipped=shipped)
    frame = np.random.default_rng(3).integers(0, 900, (1, 70, 90)).astype(np.uint16)
    words, payload = socket_words.pack(frame)
    look, _ = resident.answer({"op": "look", **words}, payload)
    facts = {"look": look, "size": [70, 90], "ty": 0, "tx": 0}
    told, made = resident.answer({"op": "embed", **words, **facts}, payload)
    assert told["ok"]
    wanted = to_bytes(embed_frame(open_encoder(shipped), read_model(shipped), frame))
    assert np.abs(socket_words.unpack(told, made).astype(int) - wanted).max() <= 1


def test_the_resident_process_answers_nonsense_with_a_sentence(shipped: Path) -> None:
    resident = Resident(larger=None, shipped=shipped)
    assert "no operation" in resident.answer({"op": "sing"}, b"")[0]["error"]
    told, _ = resident.answer({"op": "look", "shape": [2, 2], "dtype": "uint8"}, b"abc")
    assert not told["ok"]
    assert resident.answer({"op": "prompt", "frame": "f", "clicks": []}, b"")[0] == {"ok": True, "none": True}


def test_M14_a_larger_model_answers_where_one_is_installed(shipped: Path, tmp_path: Path) -> None:
    resident = Resident(larger=tmp_path / "larger", shipped=shipped)
    assert resident.answer({"op": "describe"}, b"")[0]["larger"] is None
    larger_model(tmp_path / "larger")
    assert resident.answer({"op": "describe"}, b"")[0]["larger"]["name"] == "bright"
    frame = np.zeros((1, 64, 64), np.uint16)
    frame[0, 10:20, 30:50] = 900
    frame[0, 40:60, 5:9] = 900
    words = {"op": "prompt", "frame": "f", "clicks": [[15.5, 40.5, 1]], "box": None, "enlarge": 1}
    assert resident.answer(words, b"")[0]["need"] == "pixels"
    shape, payload = socket_words.pack(frame)
    told, _ = resident.answer({**words, **shape}, payload)
    assert told["quality"] == pytest.approx(0.93, abs=1e-3)
    mask = np.zeros((64, 64), bool)
    for y, x, length in zip(*(told["runs"][i::3] for i in range(3)), strict=True):
        mask[y, x : x + length] = True
    assert mask[12:18, 32:48].all()
    assert not mask[40:60].any()
    assert resident.answer(words, b"")[0]["runs"] == told["runs"]


def test_whole_models_get_a_box_as_two_corners(tmp_path: Path) -> None:
    folder = larger_model(tmp_path)
    model = WholeModel(folder, read_model(folder))
    embedded = model.embed(np.ones((2, 100, 50), np.uint8))
    assert embedded.shape == (1, 1, 64, 64)
    mask, _ = model.answer(embedded, (64, 64), Prompt([], (1, 2, 3, 4)))
    assert mask.shape == (64, 64)


def test_runs_of_a_mask() -> None:
    mask = np.array([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    assert runs_of(mask) == [0, 1, 2, 0, 4, 1, 2, 0, 5]


def test_M14_the_work_of_an_answer_depends_on_neither_the_size_of_the_picture_nor_the_masks() -> None:
    asked: list[tuple[int, ...]] = []

    def decode(*arrays: np.ndarray) -> tuple[np.ndarray, float]:
        asked.append(tuple(array.size for array in arrays))
        return np.full((96, 96), -1.0, np.float32), 0.0

    for side in (100, 4000):
        embedding = np.zeros((4, side // 2, side // 2), np.float32)
        answering.answer(decode, embedding, (side, side), Prompt([(50.5, 50.5, 1)]), None)
    assert asked[0] == asked[1]
