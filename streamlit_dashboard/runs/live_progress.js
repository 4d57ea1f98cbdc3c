const MILLISECONDS_AFTER_A_FAILURE = 1000;

const namesOf = (orders) => orders.map((order) => order.id).join(" ");
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function bar(order) {
  const text = document.createElement("p");
  text.textContent = order.text;
  const track = document.createElement("div");
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-label", order.text);
  track.setAttribute("aria-valuenow", order.percent);
  const done = document.createElement("div");
  done.style.width = `${order.percent}%`;
  track.append(done);
  return [text, track];
}

// The server answers once other orders are under way, or after a while.
async function ordersUnderWay({ address, header }, known) {
  try {
    const answer = await fetch(`${address}?known=${encodeURIComponent(known)}`, { headers: header });
    if (answer.ok) return await answer.json();
  } catch {
    // Streamlit tells that the server is gone.
  }
  await pause(MILLISECONDS_AFTER_A_FAILURE);
  return null;
}

// Called for every run of the page's script, also while an earlier call still follows the orders.
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".orders");
  const me = (place.follower = Symbol());
  const show = (orders) => place.replaceChildren(...orders.flatMap(bar));

  async function follow() {
    let known = namesOf(data.orders);
    while (place.follower === me) {
      const orders = await ordersUnderWay(data, known);
      if (orders === null || place.follower !== me) continue;
      show(orders);
      if (namesOf(orders) !== known) {
        known = namesOf(orders);
        setTriggerValue("others", true);
      }
    }
  }

  show(data.orders);
  follow();
  return () => {
    if (place.follower === me) place.follower = null;
  };
}
