import type { Launcher } from "./launcher.js";
import { portOf } from "./port.js";
import { isSet, numberOf, textOf } from "./variables.js";

const place = { because: "OMPI_COMM_WORLD_SIZE", fix: "start the processes with mpirun, which sets all OMPI_ variables" };
const severalHosts = {
  because: "OMPI_COMM_WORLD_SIZE, over several hosts,",
  fix: "say where rank 0 is: mpirun -x MASTER_ADDR=HOST ...",
};

/** Processes that Open MPI's `mpirun` starts. It does not say where rank 0 is: over several hosts `MASTER_ADDR` has to. */
export const openMpi: Launcher = {
  started: (env) => isSet(env, "OMPI_COMM_WORLD_RANK") || isSet(env, "OMPI_COMM_WORLD_SIZE"),
  size: (env) => numberOf(env, "OMPI_COMM_WORLD_SIZE", { ...place, because: "OMPI_COMM_WORLD_RANK" }),
  read(env, size) {
    const localSize = numberOf(env, "OMPI_COMM_WORLD_LOCAL_SIZE", place);
    const isOneHost = localSize.value === size.value;
    return {
      launcher: "OpenMPI",
      rank: numberOf(env, "OMPI_COMM_WORLD_RANK", place),
      localRank: numberOf(env, "OMPI_COMM_WORLD_LOCAL_RANK", place),
      localSize,
      masterAddress: isOneHost && !isSet(env, "MASTER_ADDR") ? "127.0.0.1" : textOf(env, "MASTER_ADDR", severalHosts),
      masterPort: portOf(env, ["PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"]),
    };
  },
};
