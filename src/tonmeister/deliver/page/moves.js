// Moves: the list as the page came with it, searched, picked and grouped anew.

const words = (name) => name.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());

/** Return names by track or bus id, as the written rows name them. */
const namePlaces = (moves) => {
  const places = new Map([["", "Whole song"]]);
  for (const move of moves) {
    if (!places.has(move.track)) places.set(move.track, move.element.querySelector(".where").textContent.split(", ")[0]);
  }
  return places;
};

const paintMoves = (figures, say) => {
  const [form, list] = [document.getElementById("filters"), document.getElementById("move-list")];
  const moves = figures.map((move, place) => {
    const element = list.querySelector(`details[data-index="${place}"]`);
    return { ...move, place, element, text: `${element.textContent} ${move.id}`.replaceAll("\u00a0", " ").toLowerCase() };
  });
  const places = namePlaces(moves);
  const offer = (select, values, nameOf) => {
    for (const value of values) select.append(build("option", { value }, nameOf(value)));
  };
  const unique = (values) => [...new Set(values)].filter(Boolean);
  offer(form.elements.task, unique([...moves].sort(byOrder).map((move) => move.task)), words);
  offer(form.elements.track, unique(moves.map((move) => move.track)).sort((a, b) => places.get(a).localeCompare(places.get(b))), (id) => places.get(id));
  offer(form.elements.state, unique(moves.map((move) => move.state)), (state) => state);

  const show = () => {
    const wish = Object.fromEntries(new FormData(form));
    const wanted = moves.filter((move) => isWanted(move, move.text, wish));
    const nameOf = (move) => (wish.group === "track" ? places.get(move.track) : words(move.task));
    const groups = groupMoves(wanted, wish.group, nameOf, wish.order).map(([name, members]) => {
      const heading = name ? [build("h3", {}, `${name} `, build("small", {}, String(members.length)))] : [];
      return build("section", { class: "group" }, ...heading, ...members.map((move) => move.element));
    });
    list.replaceChildren(...groups);
    form.elements.count.textContent = wanted.length === moves.length ? `${moves.length} moves` : `${wanted.length} of ${moves.length} moves`;
  };
  const openAll = (open) => {
    for (const move of moves) move.element.open = open;
    form.elements.open.textContent = open ? "Close all" : "Open all";
  };
  const jump = (id) => {
    const move = moves.find((one) => one.id === id);
    if (!move) return;
    if (!move.element.isConnected) form.reset();
    show();
    move.element.open = true;
    move.element.scrollIntoView({ block: "center" });
    move.element.querySelector("summary").focus({ preventScroll: true });
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  form.elements.open.addEventListener("click", () => openAll(form.elements.open.textContent === "Open all"));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.to-track, a.to-move");
    if (!link) return;
    event.preventDefault();
    if (link.matches(".to-move")) return jump(link.getAttribute("href").slice("#move-".length));
    form.reset();
    form.elements.track.value = link.dataset.track;
    show();
    document.getElementById("moves").scrollIntoView();
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const element of closed) element.open = true;
  });
  addEventListener("afterprint", () => { for (const element of closed) element.open = false; });
  if (moves.length) {
    form.hidden = false;
    show();
  }
  const asked = decodeURIComponent(location.hash.slice(1));
  if (asked.startsWith("move-")) jump(asked.slice("move-".length));
};

/** Put the folder of the page into the commands, and let buttons copy. */
const paintCommands = (folder, say) => {
  const here = (text) => (folder ? text.replace("tonmeister moves OUT ", () => `tonmeister moves ${folder} `) : text);
  for (const code of document.querySelectorAll("code.command")) code.textContent = here(code.textContent);
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = here(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(text);
        say(`Copied: ${text}`);
      } catch {
        const box = build("textarea", { readonly: "" });
        box.value = text;
        button.after(box);
        box.select();
        const done = document.execCommand("copy");
        box.remove();
        say(done ? `Copied: ${text}` : `Not allowed to copy; it is: ${text}`);
      }
    });
  }
};
