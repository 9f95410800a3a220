// <form data-card-fields data-script data-key data-secret data-return>: a card is entered in the provider's own fields, which its
// script puts into frames of its own. Nothing that is typed there passes through this page.
{
  portico.every("[data-card-fields]", (form) => {
    const box = form.querySelector("[data-card-box]"), button = form.querySelector("button"), wrong = form.querySelector("[role=alert]");
    const say = (text) => { wrong.lastElementChild.textContent = text; wrong.hidden = !text; };
    const script = document.createElement("script");
    script.src = form.dataset.script;
    script.onerror = () => { box.replaceChildren(); say("The fields could not be loaded. Reload the page, or pay another way."); };
    script.onload = () => {
      const stripe = window.Stripe(form.dataset.key), elements = stripe.elements({ clientSecret: form.dataset.secret }), fields = elements.create("payment");
      box.replaceChildren();
      fields.on("ready", () => { button.disabled = false; });
      fields.mount(box);
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        button.disabled = true;
        say("");
        const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: form.dataset.return } });
        say(error?.message || "It did not go through. Nothing was charged.");
        button.disabled = false;
      });
    };
    document.head.append(script);
  });
}
