"""Times training steps of torchvision's detector in one process or, by DistributedDataParallel over Gloo, in several. Prints one JSON line."""
import json
import os
import sys
import time

import torch
import torch.distributed
import torchvision

job = json.loads(sys.argv[1])
world = job.get("world")
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
if world:
    os.environ.update(MASTER_ADDR=world["masterAddress"], MASTER_PORT=str(world["masterPort"]))
    torch.distributed.init_process_group("gloo", rank=world["rank"], world_size=world["size"])
model = getattr(torchvision.models.detection, job["peer"])(weights=None, weights_backbone=None, num_classes=2).train()
images = list(torch.rand(job["batch"], 3, job["side"], job["side"]))
boxes = torch.tensor([[30.0, 40, 130, 150], [100, 90, 220, 280]])
targets = [{"boxes": boxes, "labels": torch.ones(2, dtype=torch.int64)} for _ in images]
if world:
    model = torch.nn.parallel.DistributedDataParallel(model, find_unused_parameters=False)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=4e-5)

times = []
for _ in range(job["warmup"] + job["steps"]):
    start = time.perf_counter()
    loss = sum(model(images, targets).values())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"version": torch.__version__, "times": times[job["warmup"] :]}))
