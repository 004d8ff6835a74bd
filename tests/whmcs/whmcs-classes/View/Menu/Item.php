<?php

declare(strict_types=1);

namespace WHMCS\View\Menu;

/** A node of navbars, sidebars and home page panels. Menu hooks get the root and change the tree. */
class Item implements \IteratorAggregate, \Countable, \ArrayAccess
{
    /** @var array<string, self> */
    protected array $children = [];
    protected ?self $parent = null;
    protected string $name;
    protected $label = null;
    protected $uri = null;
    protected int $order = 0;
    protected $icon = '';
    protected $badge = '';
    protected $bodyHtml = '';
    protected $footerHtml = '';
    protected $headingHtml = '';
    protected $class = '';
    protected bool $current = false;
    protected bool $disabled = false;
    /** @var array<string, mixed> */
    protected array $attributes = [];
    /** @var array<string, mixed> */
    protected array $childrenAttributes = [];
    /** @var array<string, mixed> */
    protected array $linkAttributes = [];
    /** @var array<string, mixed> */
    protected array $labelAttributes = [];
    /** @var array<string, mixed> */
    protected array $extras = [];

    public function __construct($name, $factory = null)
    {
        $this->name = (string) $name;
    }

    public function addChild($child, array $options = [])
    {
        $item = $child instanceof self ? $child : new self($child);
        $known = ['label', 'name', 'uri', 'order', 'icon', 'extras', 'attributes', 'current', 'badge', 'bodyHtml', 'footerHtml', 'class', 'childrenAttributes', 'linkAttributes', 'labelAttributes', 'disabled', 'display', 'route', 'routeParameters', 'headingHtml'];
        foreach ($options as $option => $value) {
            if (!in_array($option, $known, true)) {
                \WhmcsStandIn\Guard::complain('hook', "gave a menu item the unknown option '$option'");
            } elseif (method_exists($item, 'set' . ucfirst($option))) {
                $item->{'set' . ucfirst($option)}($value);
            }
        }
        $item->parent = $this;
        $item->order === 0 && !isset($options['order']) && $item->order = 10 * (count($this->children) + 1);
        return $this->children[$item->name] = $item;
    }

    public function getChild($name)
    {
        return $this->children[$name] ?? null;
    }

    public function removeChild($name)
    {
        unset($this->children[$name instanceof self ? $name->name : $name]);
        return $this;
    }

    /** @return array<string, self> in order */
    public function getChildren()
    {
        $children = $this->children;
        uasort($children, static fn (self $a, self $b): int => $a->order <=> $b->order);
        return $children;
    }

    public function setChildren(array $children)
    {
        $this->children = $children;
        return $this;
    }

    public function hasChildren()
    {
        return $this->children !== [];
    }

    public function getParent()
    {
        return $this->parent;
    }

    public function getLevel()
    {
        return $this->parent === null ? 0 : $this->parent->getLevel() + 1;
    }

    public function getName()
    {
        return $this->name;
    }

    public function setName($name)
    {
        if ($this->parent !== null) {
            unset($this->parent->children[$this->name]);
            $this->parent->children[$name] = $this;
        }
        $this->name = (string) $name;
        return $this;
    }

    public function getLabel()
    {
        return $this->label ?? $this->name;
    }

    public function setLabel($label)
    {
        $this->label = $label;
        return $this;
    }

    public function getUri()
    {
        return $this->uri;
    }

    public function setUri($uri)
    {
        $this->uri = $uri;
        return $this;
    }

    public function getOrder()
    {
        return $this->order;
    }

    public function setOrder($order)
    {
        $this->order = (int) $order;
        return $this;
    }

    public function moveUp()
    {
        return $this->swap(-1);
    }

    public function moveDown()
    {
        return $this->swap(1);
    }

    public function moveToFront()
    {
        $this->order = min(array_map(static fn (self $item): int => $item->order, $this->siblings())) - 1;
        return $this;
    }

    public function moveToBack()
    {
        $this->order = max(array_map(static fn (self $item): int => $item->order, $this->siblings())) + 1;
        return $this;
    }

    public function getIcon()
    {
        return $this->icon;
    }

    public function setIcon($icon)
    {
        $this->icon = (string) $icon;
        return $this;
    }

    public function hasIcon()
    {
        return $this->icon !== '';
    }

    public function getBadge()
    {
        return $this->badge;
    }

    public function setBadge($badge)
    {
        $this->badge = (string) $badge;
        return $this;
    }

    public function hasBadge()
    {
        return $this->badge !== '';
    }

    public function getBodyHtml()
    {
        return $this->bodyHtml;
    }

    public function setBodyHtml($html)
    {
        $this->bodyHtml = (string) $html;
        return $this;
    }

    public function hasBodyHtml()
    {
        return $this->bodyHtml !== '';
    }

    public function getFooterHtml()
    {
        return $this->footerHtml;
    }

    public function setFooterHtml($html)
    {
        $this->footerHtml = (string) $html;
        return $this;
    }

    public function hasFooterHtml()
    {
        return $this->footerHtml !== '';
    }

    public function getHeadingHtml()
    {
        return $this->headingHtml;
    }

    public function setHeadingHtml($html)
    {
        $this->headingHtml = (string) $html;
        return $this;
    }

    public function hasHeadingHtml()
    {
        return $this->headingHtml !== '';
    }

    public function getClass()
    {
        return $this->class;
    }

    public function setClass($class)
    {
        $this->class = (string) $class;
        return $this;
    }

    public function getAttribute($name, $default = null)
    {
        return $this->attributes[$name] ?? $default;
    }

    public function setAttribute($name, $value)
    {
        $this->attributes[$name] = $value;
        return $this;
    }

    public function getAttributes()
    {
        return $this->attributes;
    }

    public function setAttributes(array $attributes)
    {
        $this->attributes = $attributes;
        return $this;
    }

    public function getChildrenAttribute($name, $default = null)
    {
        return $this->childrenAttributes[$name] ?? $default;
    }

    public function getChildrenAttributes()
    {
        return $this->childrenAttributes;
    }

    public function setChildrenAttribute($name, $value)
    {
        $this->childrenAttributes[$name] = $value;
        return $this;
    }

    public function setChildrenAttributes(array $attributes)
    {
        $this->childrenAttributes = $attributes;
        return $this;
    }

    public function getLinkAttributes()
    {
        return $this->linkAttributes;
    }

    public function setLinkAttributes(array $attributes)
    {
        $this->linkAttributes = $attributes;
        return $this;
    }

    public function setLabelAttributes(array $attributes)
    {
        $this->labelAttributes = $attributes;
        return $this;
    }

    public function getExtra($name, $default = null)
    {
        return $this->extras[$name] ?? $default;
    }

    public function setExtra($name, $value)
    {
        $this->extras[$name] = $value;
        return $this;
    }

    public function getExtras()
    {
        return $this->extras;
    }

    public function setExtras(array $extras)
    {
        $this->extras = $extras;
        return $this;
    }

    public function isCurrent()
    {
        return $this->current;
    }

    public function setCurrent($current)
    {
        $this->current = (bool) $current;
        return $this;
    }

    public function isDisabled()
    {
        return $this->disabled;
    }

    public function disable()
    {
        $this->disabled = true;
        return $this;
    }

    public function enable()
    {
        $this->disabled = false;
        return $this;
    }

    public function setDisabled($disabled)
    {
        $this->disabled = (bool) $disabled;
        return $this;
    }

    public function getId()
    {
        $own = str_replace([' ', '/'], '_', $this->name);
        return $this->parent === null ? $own : $this->parent->getId() . '-' . $own;
    }

    public function getIterator(): \Iterator
    {
        return new \ArrayIterator($this->getChildren());
    }

    public function count(): int
    {
        return count($this->children);
    }

    public function offsetExists($offset): bool
    {
        return isset($this->children[$offset]);
    }

    public function offsetGet($offset): mixed
    {
        return $this->getChild($offset);
    }

    public function offsetSet($offset, $value): void
    {
        $this->addChild($offset)->setLabel($value);
    }

    public function offsetUnset($offset): void
    {
        $this->removeChild($offset);
    }

    /** @return list<self> */
    private function siblings(): array
    {
        return array_values($this->parent === null ? [$this] : $this->parent->getChildren());
    }

    private function swap(int $direction)
    {
        $siblings = $this->siblings();
        $index = array_search($this, $siblings, true);
        $other = $siblings[$index + $direction] ?? null;
        if ($other !== null) {
            [$this->order, $other->order] = [$other->order, $this->order];
        }
        return $this;
    }
}
