/** What `--pretrained-ssd` takes where nothing is said: mb1-ssd trained on Pascal VOC. */
export const WEIGHTS_OF_SEED = "models/mobilenet-v1-ssd-mp-0_675.pth";
