import { numberOption } from "../options.mjs";
import { stepTime } from "./model.mjs";

/** Compute and size of the networks as docs/speed.md has them: seconds a step of so many pictures on two cores, parameters, batch norms. */
const NETS = {
  ssdlite320: { compute: 0.895, pictures: 16, parameters: 3_440_060, layers: 70 },
  "ssd300-vgg16": { compute: 1.007, pictures: 4, parameters: 35_641_826, layers: 0 },
  "retinanet-resnet50-v2": { compute: 0.892, pictures: 2, parameters: 38_198_935, layers: 53 },
};
const SIZES = [2, 8, 64, 1024];

const milliseconds = (seconds) => `${(1000 * seconds).toFixed(0)} ms`;
const percent = (share) => `${(100 * share).toFixed(0)} %`;

/** What a step takes with more and more processes, each with the same number of pictures. */
export function run(args) {
  const option = (name, value) => numberOption(args, name, value);
  const network = { bandwidth: (option("gbit", 10) * 1e9) / 8, latency: option("latency-us", 50) / 1e6 };
  const own = { compute: option("compute-ms", 0) / 1000, parameters: option("parameters", 0), layers: 0, pictures: 1 };
  const nets = own.compute > 0 && own.parameters > 0 ? { yours: own } : NETS;
  console.log(
    `${option("gbit", 10)} Gbit/s, ${option("latency-us", 50)} µs a message, buckets of 25 MB; each process computes as on one machine\n`,
  );
  console.log("| network | processes | step | communication | beyond compute | not overlapped | with --sync-bn |");
  console.log("|---|---|---|---|---|---|---|");
  for (const [name, { compute, parameters, layers }] of Object.entries(nets))
    for (const processes of SIZES) {
      const at = (more) => stepTime({ compute, parameters, ...more }, { ...network, processes });
      const { step, communication, exposed } = at({});
      const cells = [name, processes, milliseconds(step), milliseconds(communication), percent(exposed / compute)];
      const others = [at({ overlapped: false }), at({ syncedLayers: layers })].map((one) => milliseconds(one.step));
      console.log(`| ${[...cells, others[0], layers > 0 ? others[1] : "–"].join(" | ")} |`);
    }
}
