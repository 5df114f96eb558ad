import { describe, expect, it } from "vitest";
import { BY_ITSELF, channelOptions, readingSettings, tellChannels } from "./reading";

const group = (names: string[], read: number[] | null, images = 1) => ({ names, read, images, fits: read === null });

describe("the channels that can be named", () => {
  it("none where every image has one", () => expect(channelOptions([group(["DAPI"], null)])).toEqual([]));
  it("each name once over images whose channels differ", () =>
    expect(channelOptions([group(["membrane", "nuclei"], [1]), group(["Nuclei", "GFP"], [0])]).map(({ label }) => label)).toEqual(["membrane", "Nuclei", "GFP"]));
  it("numbers where an image has two of a name", () =>
    expect(channelOptions([group(["GFP", "GFP"], [0])])).toEqual([
      { value: "1", label: "1: GFP" },
      { value: "2", label: "2: GFP" },
    ]));
});

describe("what is read", () => {
  it("of images alike in one sentence", () => expect(tellChannels([group(["nuclei", "membrane"], [0], 6)])).toEqual(["“nuclei” of “nuclei”, “membrane”"]));
  it("of others with how many they are", () =>
    expect(tellChannels([group(["a", "DAPI"], [1], 4), group(["Red", "Green", "Blue"], null), group(["x"], null), group(["y", "z"], [0])])).toEqual([
      "4 images: “DAPI” of “a”, “DAPI”",
      "1 image: all 3 channels",
      "1 image: the only channel",
      "…",
    ]));
});

it("says only what was chosen", () => {
  expect(readingSettings(BY_ITSELF)).toEqual({});
  expect(readingSettings({ channels: ["b", "a"], cellSize: 12 })).toEqual({ channels: ["b", "a"], cell_px: 12 });
});
