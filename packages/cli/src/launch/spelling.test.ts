import { expect, test } from "vitest";
import { withLaunchSeparated } from "./spelling.js";

const read = (line: string) => withLaunchSeparated(line.split(" ")).join(" ");

test.each([
  ["launch --nproc-per-node 2 -- train --data_x y", "launch --nproc-per-node 2 -- train --data_x y"],
  ["launch --nproc_per_node 2 torchvision train --data-path d", "launch --nproc-per-node 2 -- torchvision train --data-path d"],
  ["launch --nproc_per_node=2 --master_addr=a_b train", "launch --nproc-per-node=2 --master-addr=a_b -- train"],
  ["launch --standalone --no_python --nproc-per-node 2 train -h", "launch --nproc-per-node 2 -- train -h"],
  ["launch -h", "launch -h"],
  ["launch --nproc-per-node", "launch --nproc-per-node"],
  ["launch train", "launch -- train"],
  ["train --data_x y", "train --data_x y"],
])("%s", (line, expected) => {
  expect(read(line)).toBe(expected);
});
