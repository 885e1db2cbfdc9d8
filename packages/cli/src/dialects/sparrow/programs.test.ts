import { testSpellings } from "../testing/index.js";
import { infer } from "./infer.js";
import { makeCoco2017ForSsdlite } from "./make-coco2017-for-ssdlite.js";

testSpellings(infer as never, [
  { flags: ["--weights"], default: "./output/ssdlite/best.pt" },
  { flags: ["--labels"] },
  { flags: ["--class-name"], default: "person" },
  { flags: ["--score-thresh"], default: 0.35 },
  { flags: ["--nms-thresh"], default: 0.5 },
  { flags: ["--max-det"], default: 100 },
  { flags: ["--out-dir"], default: "." },
]);

testSpellings(makeCoco2017ForSsdlite as never, [
  { flags: ["--root"], default: "data/coco2017" },
  { flags: ["--out-dir"], default: "data/coco2017_det" },
  { flags: ["--splits"], default: "train,val" },
  { flags: ["--class-names"] },
  { flags: ["--class-ids"] },
  { flags: ["--min-box-area"], default: 16 },
  { flags: ["--skip-crowd"], default: false },
  { flags: ["--verbose"], default: false },
]);
