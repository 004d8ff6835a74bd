<?php

declare(strict_types=1);

namespace WhmcsStandIn\Tests;

use PHPUnit\Framework\TestCase;
use WhmcsStandIn\Home;
use WhmcsStandIn\MariaDb;

/** The private MariaDB of a home: wherever the project lies, whoever runs it, however the run ends. */
final class DatabaseServerTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = dirname(__DIR__, 3) . '/target/whmcs with a blank-' . getmypid();
        mkdir($this->folder, 0755, true);
    }

    protected function tearDown(): void
    {
        (new MariaDb($this->home()))->stop();
        exec('rm -rf ' . escapeshellarg($this->folder));
    }

    public function testItStartsInAFolderWithABlankForAUserWithoutSbinOnThePath(): void
    {
        file_put_contents("{$this->folder}/said.php", '<?php fwrite(STDERR, "loaded\n");');
        $command = [dirname(__DIR__) . '/whmcs', '--home', $this->home()->path, 'up'];
        $environment = ['PATH' => '/usr/local/bin:/usr/bin:/bin', 'WHMCS_PHP_ARGS' => "-dauto_prepend_file={$this->folder}/said.php\n-dmemory_limit=200M"];
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['pipe', 'w']], $pipes, null, $environment);
        $answer = json_decode((string) stream_get_contents($pipes[1]), true);
        self::assertSame("loaded\n", stream_get_contents($pipes[2]));
        self::assertSame(0, proc_close($process));
        self::assertSame((new MariaDb($this->home()))->pid(), $answer['pid']);
    }

    public function testItEndsWithARunThatIsKilledBeforeItCouldStopIt(): void
    {
        $pid = $this->startedBy('posix_kill(getmypid(), SIGKILL);');
        $deadline = microtime(true) + 30.0;
        while (posix_kill($pid, 0) && microtime(true) < $deadline) {
            usleep(20_000);
        }
        self::assertFalse(posix_kill($pid, 0), 'The server outlived the run that started it.');
    }

    public function testAServerThatCannotStartSaysWhyAndLeavesNothing(): void
    {
        // Looks like an installed data folder, and is none.
        mkdir("{$this->home()->path}/db/mysql", 0700, true);
        try {
            (new MariaDb($this->home()))->start();
            self::fail('It started.');
        } catch (\WhmcsStandIn\Failure $failure) {
            self::assertMatchesRegularExpression('/MariaDB did not get ready.*: .*(ERROR|error).*mysqld\.log\.$/', $failure->getMessage());
        }
        self::assertNull((new MariaDb($this->home()))->pid());
    }

    private function home(): Home
    {
        return new Home("{$this->folder}/home");
    }

    /** Starts the database in a process of its own, tied to it, which then does `$end`. @return int the server's pid */
    private function startedBy(string $end): int
    {
        $home = var_export($this->home()->path, true);
        $bootstrap = var_export(dirname(__DIR__) . '/bootstrap.php', true);
        $script = "require $bootstrap; echo (new WhmcsStandIn\\MariaDb(new WhmcsStandIn\\Home($home)))->start(tied: true); $end";
        $process = proc_open([PHP_BINARY, '-r', $script], [1 => ['pipe', 'w']], $pipes);
        $pid = (int) stream_get_contents($pipes[1]);
        proc_close($process);
        self::assertGreaterThan(1, $pid);
        return $pid;
    }
}
