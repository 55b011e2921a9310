// Several switches in one number: bit i of it says whether entry i is on.

import { Control } from "./control.js";
import { drawing, element } from "./dom.js";

/** Each switch has a name, a sample of its line, and room for a remark. */
export class TogglesControl extends Control {
  constructor(...given) {
    super(...given);
    this.switches = this.entries.map((entry, i) => this.#build(entry, i));
    this.node = element("div", {
      class: "lr-toggles",
      style: `--orders:${this.entries.length}`,
      role: "group",
      "aria-label": this.label,
    }, ...this.switches.map(({ node }) => node));
  }

  #build({ name, dash }, i) {
    const attributes = `viewBox="0 0 32 4" stroke-dasharray="${dash.join(" ")}"`;
    const remark = element("span", { class: "lr-error" });
    const node = element("button", {
      type: "button",
      class: "lr-toggle",
      onclick: () => {
        this.move(this.value ^ (1 << i));
        this.settle();
      },
    }, drawing("lr-sample", attributes, "M0 2H32"), element("span", {}, name), remark);
    return { node, remark };
  }

  show(value) {
    this.value = value;
    this.switches.forEach(({ node }, i) => {
      node.setAttribute("aria-pressed", String(isOn(value, i)));
    });
  }

  /** One text for each entry. */
  remark(texts) {
    this.switches.forEach(({ remark }, i) => {
      remark.textContent = texts[i];
    });
  }

  spoken() {
    return "";
  }
}

/** Whether switch `i` is on. */
export const isOn = (value, i) => ((value >> i) & 1) === 1;
