// <form data-card-fields data-script data-key data-secret data-return>: a card is entered in the provider's own fields, which its
// script puts into frames of its own. Nothing that is typed there passes through this page. A script of this page alone.
{
  const { say } = portico;
  for (const form of document.querySelectorAll("[data-card-fields]")) {
    const box = form.querySelector("[data-card-box]"), button = form.querySelector("button"), wrong = form.querySelector("[role=alert]");
    const tell = (text) => { wrong.lastElementChild.textContent = text; wrong.hidden = !text; };
    const lost = () => { box.replaceChildren(); tell(say("The fields could not be loaded. Reload the page, or go back and pay another way.")); };
    const dark = () => document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const show = () => {
      const stripe = window.Stripe(form.dataset.key, { locale: document.documentElement.lang || "auto" });
      const elements = stripe.elements({ clientSecret: form.dataset.secret, appearance: { theme: dark() ? "night" : "stripe" } });
      const fields = elements.create("payment", { wallets: { applePay: "never", googlePay: "never", link: "never" } });
      fields.on("ready", () => { button.disabled = false; });
      fields.on("loaderror", lost);
      box.replaceChildren();
      fields.mount(box);
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        button.disabled = true;
        tell("");
        let said;
        try { said = await stripe.confirmPayment({ elements, confirmParams: { return_url: form.dataset.return }, redirect: "if_required" }); } catch { said = { error: {} }; }
        if (!said.error) return location.assign(form.dataset.return); // whether it is paid is asked there
        tell(said.error.message || say("It did not go through. Nothing was charged."));
        button.disabled = false;
      });
    };
    const script = document.createElement("script");
    script.src = form.dataset.script;
    script.onerror = lost;
    script.onload = () => { try { show(); } catch { lost(); } };
    document.head.append(script);
  }
}
