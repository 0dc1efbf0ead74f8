// The line over every screen: what the reader must know now, such as that the server is waited for.

const status = document.querySelector("#status");

export function tell(message) {
  status.hidden = !message;
  status.textContent = message || "";
}

export const tellUnsent = (why) => tell(why && `Not stored yet: ${why}. Your answer is kept in this browser and sent again.`);
export const tellUnreached = (why) => tell(why && `Waiting: ${why}. Nothing is lost.`);
