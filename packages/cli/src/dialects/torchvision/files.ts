import { join } from "node:path";
import { learningRateFactor, type Recipe } from "@singleshot/detection";
import { optim } from "@singleshot/torch";
import { pythonNames, type WatchedRun, type Watcher } from "../program/index.js";
import { writeWeights } from "../weights/index.js";
import { firstEpoch, type TrainFlags } from "./train-rows.js";

interface FilesOptions {
  folder: string;
  flags: Pick<TrainFlags, "amp" | "start_epoch" | "resume">;
}

/** The files of train.py, behind every epoch: `model_<epoch>.pth` and `checkpoint.pth`, both the whole state of the training. */
export function trainFiles({ folder, flags }: FilesOptions): Watcher {
  let run: WatchedRun;
  return {
    started(started) {
      run = started;
    },
    trained({ epoch }, { step, steps, stepsPerEpoch }) {
      const { model, optimizer, scaler, recipe } = run;
      const next = { epoch, step: 0, stepsPerEpoch, globalStep: step, totalSteps: steps };
      const learningRate = recipe.optimizer.learningRate * learningRateFactor(recipe.schedule, next); // its scheduler has gone on already
      const [state, number] = [withRate(optimizer.stateDict(), learningRate), firstEpoch(flags) + epoch - 1];
      const entries: [string, unknown][] = [
        ["model", model.stateDict()],
        ["optimizer", state],
        ["lr_scheduler", schedulerState(recipe, { epoch, learningRate, groups: groupsOf(state).length })],
        ["args", pythonNames(flags)], // a plain dictionary: a Namespace could not be read without running code
        ["epoch", number],
      ];
      if (flags.amp) entries.push(["scaler", (scaler ?? new optim.GradScaler()).stateDict()]); // train.py wants one, fresh where it was of no use here
      for (const name of [`model_${number}.pth`, "checkpoint.pth"]) writeWeights(join(folder, name), new Map(entries) as never, run);
    },
  };
}

const groupsOf = (state: optim.OptimizerState) => state.get("param_groups") as Map<string, unknown>[];

/** With the rate of the epoch to come. */
function withRate(state: optim.OptimizerState, learningRate: number): optim.OptimizerState {
  for (const group of groupsOf(state)) group.set("lr", learningRate);
  return state;
}

interface Place {
  epoch: number;
  learningRate: number;
  /** of the optimizer, all at one rate */
  groups: number;
}

/** What PyTorch's scheduler keeps of itself. */
function schedulerState({ schedule, optimizer }: Recipe, { epoch, learningRate, groups }: Place): Map<string, unknown> {
  const ofEach = (rate: number) => Array<number>(groups).fill(rate);
  const own: [string, unknown][] =
    schedule.name === "multi-step"
      ? [
          ["milestones", new Map(schedule.milestones.map((milestone) => [milestone, 1]))],
          ["gamma", schedule.gamma],
        ]
      : [
          ["T_max", ("period" in schedule && schedule.period) || schedule.epochs],
          ["eta_min", 0],
        ];
  return new Map<string, unknown>([
    ...own,
    ["base_lrs", ofEach(optimizer.learningRate)],
    ["last_epoch", epoch],
    ["_step_count", epoch + 1],
    ["_last_lr", ofEach(learningRate)],
  ]);
}
