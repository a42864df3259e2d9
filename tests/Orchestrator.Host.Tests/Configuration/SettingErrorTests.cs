using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class SettingErrorTests
{
    private const string Clusters = "orchestrator.clusters.main.replica-sets.rs-1.members = [node-1, node-2]\n";

    [Fact]
    public void All_errors_are_reported_at_once_with_path_and_line()
    {
        const string text = """
            orchestrator {
              roles = [node, boss]
              http {
                port = 70000
                prot = 1
              }
              node {
                name = "bad name"
                write-timeout = soon
                storage.page-size = 5000
              }
              runs.disk-space-headroom = 120%
              clusters.main.replica-sets.rs-1.members = [a, a]
              log.level = loud
            }
            akka.loglevel = DEBUG
            """;
        Assert.Equal(
            [
                "test.conf:2: orchestrator.roles: expected node, supervisor or operator, found \"boss\"",
                "test.conf:4: orchestrator.http.port: expected 0 to 65535, found 70000",
                "test.conf:5: orchestrator.http.prot: there is no such setting; did you mean port?",
                "test.conf:8: orchestrator.node.name: expected a name of 1 to 63 letters, digits, '-', '_' and '.' that begins with a letter or digit, found \"bad name\"",
                "test.conf:9: orchestrator.node.write-timeout: expected a duration such as 500ms, 10s, 5m or 2h, found \"soon\"",
                "test.conf:10: orchestrator.node.storage.page-size: expected a power of two, found 5000",
                "test.conf:12: orchestrator.runs.disk-space-headroom: expected 0% to 90%, found 120%",
                "test.conf:13: orchestrator.clusters.main.replica-sets.rs-1.members: expected each element once, found \"a\" 2 times",
                "test.conf:14: orchestrator.log.level: expected one of debug, info, warning, error, found \"loud\"",
                "test.conf:16: akka.loglevel: is set by the product; set orchestrator.log.level instead",
            ],
            Errors(text));
    }

    [Theory]
    [InlineData("http.port = x", "expected a whole number, found \"x\"")]
    [InlineData("http.port = {}", "expected a whole number, found an object")]
    [InlineData("http.port = null", "expected a value, found none")]
    [InlineData("http = 5", "orchestrator.http: there is no such setting")]
    [InlineData("http.host = nowhere.example", "expected an IP address")]
    [InlineData("http.host = \"\"", "expected a value, found an empty text")]
    [InlineData("http.host = 0.0.0.0", "orchestrator.http.advertised-url: expected a URL, since others cannot reach")]
    [InlineData("http.advertised-url = \"ftp://x\"", "expected a URL such as http://node-1:8080, found \"ftp://x\"")]
    [InlineData("http.max-request-body = 1kB", "expected 64KiB to 1GiB, found 1000")]
    [InlineData("http.max-request-body = 256MiB", "orchestrator.http.max-held-bodies-per-caller: expected at least max-request-body")]
    [InlineData("http.max-held-bodies = 64MiB", "orchestrator.http.max-held-bodies: expected at least max-held-bodies-per-caller")]
    [InlineData("http.max-request-body = lots", "expected a size such as")]
    [InlineData("remoting.host = \"a b\"", "expected an IP address or a host's name")]
    [InlineData("remoting.host = \"::\"", "orchestrator.remoting.advertised-host: expected a name or address")]
    [InlineData("remoting.seed-nodes = [\"localhost\"]", "expected host:port, found \"localhost\"")]
    [InlineData("remoting.seed-nodes = \"a:1, b:0\"", "expected host:port, found \"b:0\"")]
    [InlineData("remoting.seed-nodes = [\"a:1\", \"\"]", "expected texts that are not empty")]
    [InlineData("roles = []", "expected at least one of node, supervisor and operator, found none")]
    [InlineData("node.name = \"\"", "orchestrator.node.name: expected this node's name, since roles has node; a process without a database has roles = [supervisor]")]
    [InlineData("node.name = node-7", "expected one of the members node-1, node-2 of replica set rs-1, found \"node-7\"")]
    [InlineData("node.cluster = other", "expected one of the clusters main, found \"other\"")]
    [InlineData("node.replica-set = rs-2", "expected one of the replica sets rs-1 of cluster main, found \"rs-2\"")]
    [InlineData("node.data-directory = \"\"", "expected a directory, since roles has node")]
    [InlineData("node.primary-lease = 4s", "expected more than twice replication.poll-wait (2s), found 4s")]
    [InlineData("node.replication.max-backoff = 50ms", "expected at least min-backoff (100ms), found 50ms")]
    [InlineData("node.write-timeout = infinite", "expected a duration")]
    [InlineData("node.write-timeout = 1h", "expected 100ms to 10m, found 1h")]
    [InlineData("runs.check-patience = 5", "found 5ms (5 without a unit means 5 ms)")]
    [InlineData("http.max-request-body = 64", "found 64 (64 without a unit means 64 bytes)")]
    [InlineData("supervisor.unreachable-after = 1s, orchestrator.supervisor.observe-interval = 2s", "expected more than observe-interval (2s), found 1s")]
    [InlineData("runs.mode = shrink", "auto, found \"shrink\"")]
    [InlineData("schedules.s.databases = [shop, _system]", "expected no system database, found \"_system\"")]
    [InlineData("schedules.s.collections = [\"_system/catalog\"]", "expected no system database, found \"_system/catalog\"")]
    [InlineData("supervisor.step-down-timeout = 10s", "expected more than step-down-write-pause (10s), found 10s")]
    [InlineData("runs.min-fragmentation = half", "expected a share such as 10% or 0.1, found \"half\"")]
    [InlineData("runs.min-fragmentation = -1%", "expected 0% to 100%, found -1%")]
    [InlineData("runs.step-retries = 1.5", "expected a whole number, found \"1.5\"")]
    [InlineData("journal.provider-name = Oracle", "expected one of SQLite.MS, PostgreSQL.15, found \"Oracle\"")]
    [InlineData("journal.provider-name = PostgreSQL.15", "orchestrator.journal.connection-string: expected a connection string")]
    [InlineData("journal { provider-name = PostgreSQL.15, connection-string = \"Host=db;Colour=red\" }", "expected a connection string of PostgreSQL.15 such as \"Host=db;")]
    [InlineData("journal.connection-string = \"journal.sqlite\"", "expected a connection string of SQLite.MS such as \"Data Source=journal.sqlite\"")]
    [InlineData("journal.file = \"\"", "expected the path of a file, since there is no connection-string")]
    [InlineData("clusters.main.engine = embeded", "found \"embeded\"; did you mean embedded?")]
    [InlineData("clusters.main.engine = oracle", "found \"oracle\"")]
    [InlineData("clusters.main.replica-sets.rs-2.members = []", "expected at least one member, found none")]
    [InlineData("clusters.main.replica-sets.rs-2.members = [node-1]", "expected each node in one replica set, found \"node-1\" in 2")]
    [InlineData("clusters.main.replica-sets.rs-2.members = [\"a/b\"]", "expected a name of 1 to 63 letters")]
    [InlineData("clusters.main.replica-sets.rs-2 {}", "orchestrator.clusters.main.replica-sets.rs-2.members: expected a value, found none")]
    [InlineData("clusters.\"a b\" {}", "orchestrator.clusters.\"a b\": expected a name")]
    [InlineData("clusters.other {}", "expected at least one replica set")]
    [InlineData("clusters.main.replica-sets = null", "orchestrator.node.replica-set: expected a replica set of cluster main, which names none, found \"rs-1\"")]
    [InlineData("windows.w { cron = [\"0 2 * * 9\"], cron-duration = 1h }", "found \"0 2 * * 9\": the day of the week is at most 7, not 9")]
    [InlineData("clusters = null", "orchestrator.clusters: expected at least one cluster, since roles has supervisor")]
    [InlineData("clusters.main.engin = embedded", "orchestrator.clusters.main.engin: there is no such setting; did you mean engine?")]
    [InlineData("clusters.main.replica-sets.rs-1.member = []", "did you mean members?")]
    [InlineData("zzz = 1", "there is no such setting; known here: automatic-compaction, clusters, engines, http, journal, kubernetes, log, node, notifications, remoting, roles, runs, schedules, security, supervisor, telemetry, windows")]
    public void A_wrong_setting_is_refused(string setting, string problem)
    {
        var errors = Errors($"{Clusters}orchestrator.node.name = node-1\norchestrator.{setting}");
        var error = Assert.Single(errors, found => found.Contains(problem, StringComparison.Ordinal));
        Assert.StartsWith("test.conf:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("request-timout = 3s", "did you mean request-timeout?")]
    [InlineData("lock-tll = 1m", "did you mean lock-ttl?")]
    [InlineData("setle = 1s", "did you mean settle?")]
    [InlineData("tls.server-nam = x", "did you mean server-name?")]
    [InlineData("auth.pasword = x", "did you mean password?")]
    [InlineData("ath.user = x", "did you mean auth?")]
    public void A_mistyped_setting_of_a_cluster_is_told_what_it_was_meant_to_be_also_if_the_engine_has_a_default_for_it(string setting, string problem)
    {
        var error = Assert.Single(Errors($"orchestrator {{ roles = [supervisor], clusters.kube {{ engine = etcd, endpoints = [\"http://127.0.0.1:1\"]\n {setting} }} }}"));
        Assert.StartsWith("test.conf:2: orchestrator.clusters.kube.", error, StringComparison.Ordinal);
        Assert.EndsWith(problem, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine = mongodb, uri = \"mongodb://a\", adresses { x = y }", "did you mean addresses?")]
    [InlineData("engine = mongodb, uri = \"mongodb://a\", autocompact.on = on", "did you mean auto-compact?")]
    [InlineData("engine = couchdb, endpoints = [\"http://a:1\"], node-adresses { x = y }", "did you mean node-addresses?")]
    [InlineData("replica-set { rs-1.members = [a] }, replica-sets.rs-2.members = [b]", "did you mean replica-sets?")]
    public void A_mistyped_section_of_a_cluster_is_told_what_it_was_meant_to_be(string settings, string problem) =>
        Assert.EndsWith(problem, Assert.Single(Errors($"orchestrator {{ roles = [supervisor], clusters.c {{ {settings} }} }}")), StringComparison.Ordinal);

    [Fact]
    public void Null_is_no_value_also_for_a_setting_that_the_engine_has_a_default_for() => Assert.Empty(Errors(
        "orchestrator { roles = [supervisor], clusters.kube { engine = etcd, endpoints = [\"http://127.0.0.1:1\"], request-timeout = null, settle = null, auth = null } }"));

    [Fact]
    public void A_mistyped_root_is_refused_and_other_roots_are_free()
    {
        Assert.Contains("test.conf:1: orchestratr: there is no such setting; did you mean orchestrator?", Errors("orchestratr.roles = [node]"));
        SettingsBinder.Parse("base = /srv\n" + Clusters + "orchestrator.node { name = node-1, data-directory = ${base}/data }");
    }

    [Fact]
    public void Without_role_node_no_node_is_needed_and_without_role_supervisor_no_cluster()
    {
        Assert.Equal("", SettingsBinder.Parse(Clusters + "orchestrator.roles = supervisor").Node.Node);
        Assert.Empty(SettingsBinder.Parse("orchestrator { roles = [node], node.name = a }").Clusters);
    }

    [Fact]
    public void Lists_may_be_one_text()
    {
        var settings = SettingsBinder.Parse(Clusters + "orchestrator { roles = supervisor, remoting.seed-nodes = \"a:1,b:2\" }");
        Assert.Equal(["a:1", "b:2"], settings.Remoting.SeedNodes);
    }

    [Fact]
    public void A_connection_string_never_appears_in_errors_or_texts()
    {
        var settings = SettingsBinder.Parse(Clusters + "orchestrator { node.name = node-1, journal { provider-name = PostgreSQL.15, connection-string = \"Host=db;Password=geheim\" } }");
        Assert.Equal("Host=db;Password=geheim", settings.Journal.ConnectionString);
        Assert.DoesNotContain("geheim", settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", string.Join('\n', Errors("orchestrator.journal { connection-string = \"geheim\", provider-name = x }")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_hocon_is_refused_with_its_name_and_the_place()
    {
        var error = Assert.Single(Errors("orchestrator {\n  http.port = }\n"));
        Assert.StartsWith("test.conf: ", error, StringComparison.Ordinal);
        Assert.Contains("line 2", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_clear_error()
    {
        var path = Path.Combine(Path.GetTempPath(), "no-such-folder", "node.conf");
        var error = Assert.Single(Assert.Throws<SettingsException>(() => SettingsBinder.Load(path)).Errors);
        Assert.StartsWith($"{path}: cannot be read", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Included_files_are_read_beside_the_file_and_named_in_errors()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-settings-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "common.conf"), "# shared\nhttp.port = 99999\nnode.name = node-1");
            var main = Path.Combine(folder, "main.conf");
            File.WriteAllText(main, "orchestrator { include \"common.conf\"\n  roles = [node] }");
            var error = Assert.Single(Assert.Throws<SettingsException>(() => SettingsBinder.Load(main)).Errors);
            Assert.Equal("common.conf:2: orchestrator.http.port: expected 0 to 65535, found 99999", error.ToString());

            File.WriteAllText(main, "include required(\"nowhere.conf\")");
            Assert.Contains("nowhere.conf", Assert.Throws<SettingsException>(() => SettingsBinder.Load(main)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableTheory]
    [InlineData("/dev/zero", "it is longer than 16 MiB")]
    [InlineData("/dev/full", "it is longer than 16 MiB")]
    [InlineData("long.conf", "it is longer than 16 MiB")]
    [InlineData("/proc/self", "it is a directory")]
    public void An_include_that_is_no_file_or_too_long_is_refused_with_file_and_line(string included, string reason)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "has other devices");
        using var folder = new TemporaryDirectory();
        using (var file = File.Create(Path.Combine(folder.Path, "long.conf")))
        {
            file.SetLength((16 << 20) + 1);
        }

        var main = folder.Write("main.conf", $"# first\norchestrator {{\n  include \"{included}\"\n}}");

        var error = Assert.Single(Assert.Throws<SettingsException>(() => SettingsBinder.Load(main)).Errors).ToString();

        Assert.StartsWith($"{main}: line 3, column 3: ", error, StringComparison.Ordinal);
        Assert.Contains($"cannot include \"{included}\": {reason}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_value_for_any_setting_gives_settings_or_errors()
    {
        var reader = new SettingsReader(ConfigurationSources.Parse(Clusters, "test.conf"));
        SettingsBinder.Read(ConfigurationSources.Parse(Clusters, "test.conf"), reader, EngineProviders.All);
        string[] values =
        [
            "0", "-1", "1e99", "x", "\"\"", "null", "[]", "[[1]]", "[null]", "{}", "{a=1}", "{a={b=[1]}}", "infinite", "10%", "9999999999999999999", "\"\\u0000\"", "1d", "8EiB",
        ];
        foreach (var path in reader.ReadPaths.Append("orchestrator").Append("orchestrator.clusters").Append("orchestrator.node"))
        {
            foreach (var value in values)
            {
                Assert.All(Errors($"{Clusters}orchestrator.node.name = node-1\n{path} = {value}"), error => Assert.Contains("orchestrator", error, StringComparison.Ordinal));
            }
        }
    }

    private static IReadOnlyList<string> Errors(string text)
    {
        try
        {
            SettingsBinder.Parse(text, "test.conf");
            return [];
        }
        catch (SettingsException e)
        {
            return [.. e.Errors.Select(error => error.ToString())];
        }
    }
}
