using Hocon;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class AkkaConfigurationTests
{
    private const string Base = """
        orchestrator {
          node.name = node-1
          clusters.main.replica-sets.rs-1.members = [node-1]
        }

        """;

    private const string Serialization = """
        akka.actor.serializers.orchestrator = "A.B, C"
        akka.actor.serialization-bindings { "X.Y, Z" = orchestrator }
        """;

    [Fact]
    public void Settings_of_the_product_become_settings_of_akka()
    {
        var config = Compose(Base + """
            orchestrator {
              security.allow-anonymous = on
              remoting { host = 10.0.0.1, advertised-host = node-1.example, port = 7000, seed-nodes = ["a:1", "b:2"], max-frame-size = 1MiB }
              journal { provider-name = PostgreSQL.15, connection-string = "Host=db;Password=\"x\"" }
              log.level = warning
            }
            """);
        Assert.Equal("cluster", config.GetString("akka.actor.provider"));
        Assert.Equal("WARNING", config.GetString("akka.loglevel"));
        Assert.Equal("10.0.0.1", config.GetString("akka.remote.dot-netty.tcp.hostname"));
        Assert.Equal("node-1.example", config.GetString("akka.remote.dot-netty.tcp.public-hostname"));
        Assert.Equal(7000, config.GetInt("akka.remote.dot-netty.tcp.port"));
        Assert.Equal(1 << 20, config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size"));
        Assert.Equal(["node", "supervisor"], config.GetStringList("akka.cluster.roles"));
        Assert.Empty(config.GetStringList("akka.cluster.seed-nodes"));
        foreach (var plugin in (string[])["journal", "snapshot-store"])
        {
            Assert.Equal($"akka.persistence.{plugin}.sql", config.GetString($"akka.persistence.{plugin}.plugin"));
            Assert.Equal("PostgreSQL.15", config.GetString($"akka.persistence.{plugin}.sql.provider-name"));
            var connection = new NpgsqlConnectionStringBuilder(config.GetString($"akka.persistence.{plugin}.sql.connection-string"));
            Assert.Equal(("db", "x"), (connection.Host, connection.Password));
            Assert.Contains("idle_in_transaction_session_timeout=5s", connection.Options, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Serializers_defaults_and_the_files_own_akka_settings_are_all_there()
    {
        var config = Compose(Base + "akka { log-dead-letters = 3, actor.default-dispatcher.throughput = 7, cluster.split-brain-resolver.stable-after = ${seconds} }\nseconds = 9s");
        Assert.Equal("A.B, C", config.GetString("akka.actor.serializers.orchestrator"));
        Assert.Equal("orchestrator", config.GetString("akka.actor.serialization-bindings.\"X.Y, Z\""));
        Assert.Equal(3, config.GetInt("akka.log-dead-letters"));
        Assert.Equal(7, config.GetInt("akka.actor.default-dispatcher.throughput"));
        Assert.Equal(TimeSpan.FromSeconds(9), config.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after"));
        Assert.Equal("keep-majority", config.GetString("akka.cluster.split-brain-resolver.active-strategy"));
        Assert.False(config.HasPath("orchestrator"));
        Assert.False(config.HasPath("seconds"));
    }

    [Fact]
    public void The_journal_file_is_named_with_its_whole_path()
    {
        var connection = Compose(Base + "orchestrator.journal.file = \"my data/j.sqlite\"").GetString("akka.persistence.journal.sql.connection-string");
        Assert.Equal(Path.GetFullPath("my data/j.sqlite"), new SqliteConnectionStringBuilder(connection).DataSource);
    }

    [Fact]
    public void The_text_needs_neither_environment_nor_files()
    {
        var text = AkkaConfiguration.Compose(SettingsBinder.Parse(Base + "akka.x = ${?HOME}, akka.y = \"${not} a substitution\\n\""), Serialization);
        Assert.Equal("${not} a substitution\n", HoconConfigurationFactory.ParseString(text).GetString("akka.y"));
        Assert.DoesNotContain("include", text, StringComparison.Ordinal);
    }

    private static Config Compose(string text) =>
        HoconConfigurationFactory.ParseString(AkkaConfiguration.Compose(SettingsBinder.Parse(text), Serialization));
}
