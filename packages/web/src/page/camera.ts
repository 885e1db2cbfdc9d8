/** The camera's frames, one after the other as fast as they are used. */
export interface Camera {
  frame(): HTMLCanvasElement;
  stop(): void;
}

/** @throws where there is none, or the person does not allow it */
export async function openCamera(): Promise<Camera> {
  if (!navigator.mediaDevices) throw new Error("browsers give it only to pages over HTTPS or from localhost");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  const video = document.createElement("video");
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  await video.play();
  return {
    frame: () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
      canvas.getContext("2d")!.drawImage(video, 0, 0);
      return canvas;
    },
    stop: () => {
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    },
  };
}
