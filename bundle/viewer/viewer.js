"use strict";
// The stacks of the page. A head's slices are read when they are first asked for, their pictures decoded when near.
(() => {
  const PAGE = 5; // slices of Page up and Page down
  const WHEEL = 40; // pixels of the wheel for a slice; a notch has about a hundred
  const DRAG = 9; // pixels of a finger for a slice
  const NEAR = 2; // slices beside the one that is looked at
  const LAYERS = ["image", "bone", "heat"];

  const sections = [...document.querySelectorAll(".head")];
  const stacks = new Map();
  let pageMoved = false; // beneath the pointer, whose wheel then goes on moving the page

  class Stack {
    constructor(section) {
      this.section = section;
      this.stage = section.querySelector(".stage");
      this.layers = section.querySelector(".layers");
      this.chart = section.querySelector(".chart");
      this.firstPictures = [...this.layers.children];
      this.drag = null;
      this.wheeled = 0;
      this.listen();
      this.stage.tabIndex = 0;
      this.label("role", "slider");
      this.label("aria-label", `Slices of head ${section.id.split("-")[1]}`);
      this.label("aria-orientation", "vertical");
      this.label("aria-valuemin", 1);
      this.label("aria-valuemax", this.stage.dataset.count);
      this.label("aria-valuenow", this.stage.dataset.first);
      const text = (name) => this.stage.querySelector(name).textContent;
      this.label("aria-valuetext", `${text(".place")}, ${text(".finding")}`);
      section.dataset.shown = this.stage.dataset.first;
    }

    get slices() {
      if (!this.read) {
        this.read = JSON.parse(this.section.querySelector(".slices").textContent);
        this.first = this.at = this.read.findIndex((slice) => slice.number === Number(this.stage.dataset.first));
        this.pictures = [];
        this.pictures[this.first] = Promise.resolve(this.firstPictures);
      }
      return this.read;
    }

    listen() {
      const { stage, chart } = this;
      stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      stage.addEventListener("pointerdown", (event) => this.dragFrom(event));
      stage.addEventListener("pointermove", (event) => this.dragTo(event));
      for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => (this.drag = null));
      const point = (event) => event.buttons && this.show(this.nearest(event.clientX));
      chart.addEventListener("pointerdown", point);
      chart.addEventListener("pointermove", point);
    }

    label(name, value) {
      this.stage.setAttribute(name, value);
    }

    decoded(index) {
      const slice = this.slices[index];
      this.pictures[index] ??= Promise.all(
        LAYERS.filter((kind) => slice[kind]).map(async (kind) => {
          const picture = new Image();
          Object.assign(picture, { className: kind, alt: "", decoding: "sync", draggable: false, src: slice[kind] });
          if (kind === "image") picture.alt = `Slice ${slice.number}`;
          if (kind === "heat") picture.style.opacity = slice.strength;
          await picture.decode();
          return picture;
        }),
      );
      return this.pictures[index];
    }

    async show(wanted) {
      const index = Math.min(Math.max(wanted, 0), this.slices.length - 1);
      if (index === this.at) return;
      this.at = index;
      this.write(this.slices[index]);
      const pictures = await this.decoded(index);
      if (index !== this.at) return; // another one was asked for meanwhile
      this.layers.replaceChildren(...pictures);
      this.section.dataset.shown = this.slices[index].number;
      for (let near = index - NEAR; near <= index + NEAR; near++) if (this.slices[near]) this.decoded(near);
    }

    write(slice) {
      const write = (name, text) => (this.stage.querySelector(name).textContent = text);
      write(".place", slice.place);
      write(".finding", slice.finding);
      write(".side.left", slice.sides ? slice.sides[0] : "");
      write(".side.right", slice.sides ? slice.sides[1] : "");
      this.label("aria-valuenow", slice.number);
      this.label("aria-valuetext", `${slice.place}, ${slice.finding}`);
      const cursor = this.section.querySelector(".cursor");
      cursor.setAttribute("x1", slice.x);
      cursor.setAttribute("x2", slice.x);
    }

    toMarked(direction) {
      let index = (this.slices, this.at) + direction;
      while (this.slices[index] && !this.slices[index].marked) index += direction;
      if (this.slices[index]) this.show(index);
    }

    nearest(clientX) {
      const box = this.chart.getBoundingClientRect();
      const x = ((clientX - box.left) / box.width) * this.chart.viewBox.baseVal.width;
      const distances = this.slices.map((slice) => Math.abs(slice.x - x));
      return distances.indexOf(Math.min(...distances));
    }

    turn(slices) {
      this.show((this.slices, this.at) + slices);
    }

    wheel(event) {
      if (event.ctrlKey || (pageMoved && document.activeElement !== this.stage)) return;
      event.preventDefault();
      this.wheeled += event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL;
      if (Math.abs(this.wheeled) < WHEEL) return;
      this.turn(-Math.sign(this.wheeled));
      this.wheeled = 0;
    }

    dragFrom(event) {
      if (event.button) return;
      this.drag = { x: event.clientX, at: (this.slices, this.at) };
      this.stage.setPointerCapture(event.pointerId);
      this.stage.focus({ preventScroll: true });
    }

    dragTo(event) {
      pageMoved = false;
      if (this.drag) this.show(this.drag.at + Math.round((event.clientX - this.drag.x) / DRAG));
    }

    print() {
      if (!this.read) return;
      this.layers.replaceChildren(...this.firstPictures);
      this.write(this.slices[this.first]);
    }

    async printed() {
      if (!this.read) return;
      this.layers.replaceChildren(...(await this.decoded(this.at)));
      this.write(this.slices[this.at]);
    }
  }

  for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;
  for (const section of sections) if (section.querySelector(".slices")) stacks.set(section, new Stack(section));

  const focused = () => document.activeElement ?? document.body;
  // A browser that opens the page at a head puts the focus on the section itself.
  const looking = () => (focused().matches(".head, .looking *") ? focused().closest(".head") : null);
  const here = () => sections.indexOf(focused().closest(".head"));

  function choose(name, value) {
    document.body.dataset[name] = value;
    const { window: shown, heat } = document.body.dataset;
    for (const button of document.querySelectorAll("button[data-window], button[data-heat]")) {
      const pressed = button.dataset.window ? button.dataset.window === shown : heat === "on";
      button.setAttribute("aria-pressed", pressed);
    }
  }

  function go(place) {
    if (!place) return;
    place.scrollIntoView();
    (stacks.get(place)?.stage ?? place).focus({ preventScroll: true });
    pageMoved = false;
  }

  const windows = ["brain", "subdural", "bone"];
  const commands = {
    1: () => choose("window", windows[0]),
    2: () => choose("window", windows[1]),
    3: () => choose("window", windows[2]),
    h: () => choose("heat", document.body.dataset.heat === "on" ? "off" : "on"),
    n: () => go(sections[here() + 1]),
    p: () => go(sections[here() - 1]),
    w: () => go(document.getElementById("worklist")),
  };
  const turns = {
    ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1,
    PageUp: PAGE, PageDown: -PAGE, Home: -Infinity, End: Infinity,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const stack = stacks.get(looking());
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (stack && key in turns) stack.turn(turns[key]);
    else if (stack && key === "s") stack.toMarked(event.shiftKey ? -1 : 1);
    else if (key in commands) commands[key]();
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const link = event.target.closest('a[href^="#"]');
    if (button?.dataset.window) choose("window", button.dataset.window);
    else if (button && "heat" in button.dataset) commands.h();
    else if (button?.dataset.marked) stacks.get(button.closest(".head"))?.toMarked(Number(button.dataset.marked));
    else if (link) {
      event.preventDefault();
      location.hash = link.hash;
      go(document.querySelector(link.hash));
    }
  });

  addEventListener("scroll", () => (pageMoved = true), { passive: true });
  addEventListener("beforeprint", () => stacks.forEach((stack) => stack.print()));
  addEventListener("afterprint", () => stacks.forEach((stack) => stack.printed()));
  choose("window", "brain");
  if (location.hash) go(document.getElementById(location.hash.slice(1)));
})();
