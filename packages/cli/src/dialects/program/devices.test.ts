import type { findDevice } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { choose, deviceList, FIRST_GPU } from "./devices.js";

/** As `findDevice` does it, on a machine with so many GPUs. */
const machine =
  (gpus: number): typeof findDevice =>
  (word, { index = 0 } = {}) => {
    const number = /^cuda:(\d+)$/.exec(word)?.[1];
    if (gpus === 0 && word === "auto") return "cpu";
    const wanted = number === undefined ? index % gpus : Number(number);
    if (wanted < gpus) return `cuda:${wanted}`;
    throw new InputError(`there is no '${word}'`);
  };

const on = (localRank: number, localSize: number) => ({ localRank, localSize });
const pair = deviceList("2,3", "--gpus");

test("a list of devices is a process each", () => {
  const words = (text: string) => deviceList(text, "--gpus").words;
  expect(words("0")).toEqual(["cuda:0"]);
  for (const text of ["0,1", "[0, 1]", "0 1 ", "0,1,1", "00,1"]) expect(words(text)).toEqual(["cuda:0", "cuda:1"]);
  expect(words("")).toEqual(["cpu"]);
  expect(() => words("cuda:0")).toThrow("--gpus: cuda:0 are no numbers of devices. For example: --gpus 0,1.");
});

describe("on a machine with GPUs", () => {
  test("each process of a list has the GPU of its number", () => {
    expect([0, 1].map((rank) => choose(pair, on(rank, 2), machine(4)))).toEqual([{ device: "cuda:2" }, { device: "cuda:3" }]);
  });

  test("of a launcher's processes each has one of its own, whatever a single number says", () => {
    for (const text of ["0", "1"]) expect(choose(deviceList(text, "--gpus"), on(3, 4), machine(4))).toEqual({ device: "cuda:3" });
    expect(choose({ words: ["cuda"] }, on(5, 8), machine(8))).toEqual({ device: "cuda:5" });
    expect(choose({ words: ["cpu"] }, on(1, 2), machine(8)).device).toBe("cpu");
  });

  test("a single process says which it has where nobody would guess it", () => {
    expect(choose(FIRST_GPU, undefined, machine(2))).toEqual({ device: "cuda:0" });
    expect(choose({ words: ["cuda:1"] }, undefined, machine(2))).toEqual({ device: "cuda:1", word: "cuda:1" });
    expect(choose({ words: ["cpu"] }, undefined, machine(2))).toEqual({ device: "cpu", word: "cpu" });
  });

  test("one that is not there is refused", () => {
    expect(() => choose(pair, on(1, 2), machine(3))).toThrow("there is no 'cuda:3'");
  });
});

describe("without a GPU", () => {
  test("the CPU takes its place, and processes that of several", () => {
    for (const devices of [FIRST_GPU, deviceList("7", "--gpus")]) expect(choose(devices, undefined, machine(0))).toEqual({ device: "cpu" });
    const note = "--gpus: the device is the CPU, and 2 processes on this machine take the place of the GPUs and share the batch";
    expect(choose(pair, on(0, 2), machine(0))).toEqual({ device: "cpu", note });
  });
});
