<?php

declare(strict_types=1);

namespace WhmcsStandIn\Cli;

use WhmcsStandIn\FreshRows;
use WhmcsStandIn\MariaDb;

/** The home itself: database up and down, tables, logs. */
final class HomeCommands extends Commands
{
    public const COMMANDS = [
        'up' => 'up', 'down' => 'down', 'reset' => 'reset', 'status' => 'status', 'sql' => 'sql', 'dump' => 'dump', 'mails' => 'mails', 'modulelog' => 'moduleLog',
        'activitylog' => 'activityLog', 'queue' => 'queue', 'hooks' => 'hooks', 'violations' => 'violations', 'modules' => 'modules', 'setting' => 'setting', 'clear' => 'clear', 'decrypt' => 'decrypt',
    ];

    public function up(Arguments $arguments): Answer
    {
        $arguments->finish();
        $this->home->folder('.');
        $pid = (new MariaDb($this->home))->start();
        $this->home->remember(array_filter(['modules' => $this->options->modules, 'timezone' => $this->options->timezone]));
        return new Answer(['home' => $this->home->path, 'pid' => $pid, 'socket' => $this->home->socket(), 'database' => 'whmcs', 'modules' => $this->options->modules, 'admin' => FreshRows::ADMIN]);
    }

    public function down(Arguments $arguments): Answer
    {
        $arguments->finish();
        return new Answer(['home' => $this->home->path, 'stopped' => is_dir($this->home->path) ? (new MariaDb($this->home))->stop() : null]);
    }

    public function reset(Arguments $arguments): Answer
    {
        $arguments->finish();
        (new MariaDb($this->home))->reset();
        return new Answer(['home' => $this->home->path, 'reset' => true]);
    }

    public function status(Arguments $arguments): Answer
    {
        $arguments->finish();
        return new Answer(['home' => $this->home->path, 'pid' => is_dir($this->home->path) ? (new MariaDb($this->home))->pid() : null, 'settings' => $this->home->settings()]);
    }

    public function sql(Arguments $arguments): Answer
    {
        $statement = $arguments->word('statement');
        $arguments->finish();
        $query = $this->connection()->query($statement);
        return new Answer($query->columnCount() > 0 ? $query->fetchAll(\PDO::FETCH_ASSOC) : ['affected' => $query->rowCount()]);
    }

    public function dump(Arguments $arguments): Answer
    {
        $table = $arguments->word('table');
        $where = $arguments->value('where');
        $arguments->finish();
        if (!preg_match('/^\w+$/', $table)) {
            throw new UsageError("'$table' is not the name of a table.");
        }
        $query = $this->connection()->query("SELECT * FROM `$table`" . ($where === null ? '' : " WHERE $where"));
        return new Answer($query->fetchAll(\PDO::FETCH_ASSOC));
    }

    public function mails(Arguments $arguments): Answer
    {
        $relatedId = $arguments->number('service');
        $template = $arguments->value('template');
        $arguments->finish();
        [$conditions, $values] = [['1 = 1'], []];
        if ($relatedId !== null) {
            [$conditions[], $values[]] = ["type = 'product' AND relid = ?", $relatedId];
        }
        if ($template !== null) {
            [$conditions[], $values[]] = ['template = ?', $template];
        }
        $query = $this->connection()->prepare('SELECT * FROM standin_mails WHERE ' . implode(' AND ', $conditions) . ' ORDER BY id');
        $query->execute($values);
        return new Answer(array_map(static fn (array $row): array => [
            'mergefields' => json_decode($row['mergefields'], true), 'attachments' => json_decode($row['attachments'], true),
        ] + $row, $query->fetchAll(\PDO::FETCH_ASSOC)));
    }

    public function moduleLog(Arguments $arguments): Answer
    {
        return $this->log($arguments, 'tblmodulelog');
    }

    public function activityLog(Arguments $arguments): Answer
    {
        return $this->log($arguments, 'tblactivitylog');
    }

    public function queue(Arguments $arguments): Answer
    {
        return $this->log($arguments, 'tblmodulequeue');
    }

    public function violations(Arguments $arguments): Answer
    {
        return $this->log($arguments, 'standin_violations');
    }

    /** Empties the lists a test looks at: mails, logs, queue, violations. */
    public function clear(Arguments $arguments): Answer
    {
        $arguments->finish();
        foreach (['standin_mails', 'tblemails', 'tblmodulelog', 'tblactivitylog', 'tblmodulequeue', 'standin_violations'] as $table) {
            $this->connection()->exec("DELETE FROM $table");
        }
        return new Answer(['cleared' => true]);
    }

    public function hooks(Arguments $arguments): Answer
    {
        $arguments->finish();
        $installation = $this->boot();
        return $this->judged(['detected' => $installation->detectedModules(), 'hooks' => $installation->hooks->list()]);
    }

    public function modules(Arguments $arguments): Answer
    {
        $arguments->finish();
        $installation = $this->boot();
        $list = [];
        foreach ($installation->modules->names() as $name) {
            $list[] = ['name' => $name, 'folder' => realpath($installation->modules->get($name)->folder)];
        }
        return new Answer($list);
    }

    /** setting NAME prints it, setting NAME VALUE stores it. */
    public function setting(Arguments $arguments): Answer
    {
        $name = $arguments->word('name of the setting');
        $value = array_shift($arguments->words);
        $arguments->finish();
        $this->boot();
        $value === null || \WHMCS\Config\Setting::setValue($name, $value);
        return new Answer(['setting' => $name, 'value' => \WHMCS\Config\Setting::getValue($name)]);
    }

    public function decrypt(Arguments $arguments): Answer
    {
        $text = $arguments->word('ciphertext');
        $arguments->finish();
        return new Answer(['plain' => (new \WhmcsStandIn\Crypt($this->home->encryptionKey()))->decrypt($text)]);
    }

    private function log(Arguments $arguments, string $table): Answer
    {
        $arguments->finish();
        return new Answer($this->connection()->query("SELECT * FROM $table ORDER BY id")->fetchAll(\PDO::FETCH_ASSOC));
    }

    private function connection(): \PDO
    {
        return (new MariaDb($this->home))->connect();
    }
}
