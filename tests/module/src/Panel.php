<?php

declare(strict_types=1);

namespace MikrotikVpn\Tests;

/** The block of the admin's page of a service, read as a browser would. */
final class Panel
{
    public readonly string $html;
    private \DOMXPath $path;

    /** @param array<string, string> $fields what AdminServicesTabFields returned */
    public function __construct(array $fields)
    {
        \PHPUnit\Framework\Assert::assertSame(['VPN account'], array_keys($fields), 'one compact block');
        $this->html = reset($fields);
        $document = new \DOMDocument();
        // libxml's parser is older than <template> and <progress>.
        @$document->loadHTML('<?xml encoding="UTF-8">' . str_replace('<', ' <', $this->html));
        $this->path = new \DOMXPath($document);
    }

    /** Text beside a label, in one line; null when there is no such label. */
    public function value(string $label): ?string
    {
        $found = $this->path->query('//dl/div/dt[normalize-space()="' . $label . '"]/../dd');
        return $found->length === 0 ? null : $this->text($found->item(0));
    }

    /** The lamp of the API, its word and its sentences. */
    public function state(): string
    {
        return $this->text($this->path->query('//span[contains(@class, "mikrotikvpn-state")]')->item(0));
    }

    /** @return list<string> */
    public function warnings(): array
    {
        return array_map($this->text(...), iterator_to_array($this->path->query('//div[contains(@class, "mikrotikvpn-warning")]'), false));
    }

    /** @return array<string, string> names and values of the inputs */
    public function inputs(): array
    {
        $inputs = [];
        foreach ($this->path->query('//input') as $input) {
            $inputs[$input->getAttribute('name')] = $input->getAttribute('value');
        }
        return $inputs;
    }

    /** @return array<string, array{string, string}> name and value of each button that saves the page in its own way, by its words */
    public function choices(): array
    {
        $choices = [];
        foreach ($this->path->query('//button[@name]') as $button) {
            $choices[$this->text($button)] = [$button->getAttribute('name'), $button->getAttribute('value')];
        }
        return $choices;
    }

    /** @return list<int> the bytes of the ledger's entries, and the balance last */
    public function ledgerBytes(): array
    {
        $cells = $this->path->query('//td[@data-bytes != ""]');
        return array_map(static fn (\DOMElement $cell): int => (int) $cell->getAttribute('data-bytes'), iterator_to_array($cells, false));
    }

    /** Elements nobody but a hostile text could have brought in. */
    public function foreignElements(): int
    {
        return $this->path->query('//img | //script[not(@src)] | //iframe | //svg | //*[@onerror] | //*[@onload] | //*[@onmouseover]')->length;
    }

    private function text(?\DOMNode $node): string
    {
        return trim((string) preg_replace('/\s+/u', ' ', $node?->textContent ?? ''));
    }
}
