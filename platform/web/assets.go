package web

import "github.com/gofiber/fiber/v2"

// asset serves what is named by its content's hash: for ever.
func (a *App) asset(c *fiber.Ctx) error {
	asset, ok := a.Assets.At(c.Path())
	safety(&c.Response().Header)
	if !ok {
		return c.Status(404).SendString("not found")
	}
	body, encoding := asset.Encoded(c.Get("Accept-Encoding"))
	if encoding != "" {
		c.Set("Content-Encoding", encoding)
	}
	c.Set("Vary", "Accept-Encoding")
	c.Set("Cache-Control", "public, max-age=31536000, immutable")
	c.Set("Content-Type", asset.Media)
	return c.Send(body)
}

// onlyAs lets a plain form stand for a method that forms do not have: ?_method=DELETE.
func (a *App) onlyAs(method string, handle fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if c.Query("_method") != method {
			return c.Next()
		}
		return handle(c)
	}
}
