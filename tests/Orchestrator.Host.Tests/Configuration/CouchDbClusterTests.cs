using Orchestrator.Engines.CouchDb;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class CouchDbClusterTests
{
    [Fact]
    public void A_cluster_takes_every_limit_from_the_engine_s_defaults()
    {
        var settings = SettingsBinder.Parse("orchestrator { roles = [supervisor], clusters.couch { engine = couchdb, endpoints = [\"http://127.0.0.1:5984\"] } }");
        var cluster = Assert.IsType<CouchDbClusterOptions>(Assert.Single(settings.Clusters).Options);

        Assert.Equal([new Uri("http://127.0.0.1:5984/")], cluster.Endpoints);
        Assert.Empty(cluster.FreeBytes);
        Assert.Empty(cluster.NodeExporters);
        Assert.Empty(cluster.NodeAddresses);
        Assert.Equal(
            new CouchDbClusterOptions
            {
                Name = "couch",
                Endpoints = cluster.Endpoints,
                FreeBytes = cluster.FreeBytes,
                NodeExporters = cluster.NodeExporters,
                NodeAddresses = cluster.NodeAddresses,
                NodePort = 5986,
                RequestTimeout = TimeSpan.FromSeconds(10),
                DiscoverInterval = TimeSpan.FromSeconds(30),
                PollInterval = TimeSpan.FromMilliseconds(500),
                MinFileBytes = 100 << 10,
                DataMount = "/",
                ClaimDatabase = "orchestrator",
                ClaimTimeToLive = TimeSpan.FromSeconds(60),
                HoldsSmoosh = false,
            },
            cluster);
    }

    [Fact]
    public void A_cluster_says_what_differs_and_a_proxy_may_have_a_path()
    {
        var settings = SettingsBinder.Parse("""
            orchestrator {
              roles = [supervisor]
              engines.couchdb { min-file-size = 0, hold-smoosh = on }
              clusters.a {
                engine = couchdb, endpoints = ["https://proxy/couch"], auth { user = admin, password = secret, method = cookie }, settle = 0s
                free-space { "couchdb@couch-1.internal" = 100GiB }
                node-exporters { "couchdb@couch-2.internal" = "http://couch-2:9100/metrics" }
                data-mount = "/opt/couchdb", node-port = 15986
                node-addresses { "couchdb@couch-1.internal" = "http://10.0.0.1:5986" }
              }
            }
            """);

        var cluster = (CouchDbClusterOptions)settings.Clusters[0].Options;
        Assert.Equal(new Uri("https://proxy/couch/"), Assert.Single(cluster.Endpoints));
        Assert.Equal(("admin", "secret", TimeSpan.Zero, 0L, true), (cluster.User, cluster.Password, cluster.Settle, cluster.MinFileBytes, cluster.HoldsSmoosh));
        Assert.True(cluster.UsesSessions);
        Assert.Equal(100L << 30, cluster.FreeBytes["couchdb@couch-1.internal"]);
        Assert.Equal(new Uri("http://couch-2:9100/metrics"), cluster.NodeExporters["couchdb@couch-2.internal"]);
        Assert.Equal(("/opt/couchdb", 15986), (cluster.DataMount, cluster.NodePort));
        Assert.Equal(new Uri("http://10.0.0.1:5986/"), cluster.NodeAddresses["couchdb@couch-1.internal"]);
        Assert.DoesNotContain("secret", cluster.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_of_a_cluster_are_reported_at_once_with_path_and_line()
    {
        const string text = """
            orchestrator {
              roles = [supervisor]
              clusters.couch {
                engine = couchdb
                endpoints = ["http://admin:verysecret@a:5984"]
                auth { password = verysecret, method = digest }
                node-exporters { "couchdb@c1" = "c1:9100" }
                node-addresses { "couchdb@c1" = "c1:5986" }
                claim-database = "My Claims"
                min-file-size = many
              }
              clusters.other { engine = couchdb, endpoints = ["http://b:5984"], hold-smoosh = on, claim-database = "" }
            }
            """;

        var error = Assert.Throws<SettingsException>(() => SettingsBinder.Parse(text, "couch.conf"));

        Assert.All(
            new[]
            {
                "couch.conf:5: orchestrator.clusters.couch.endpoints: expected a URL such as http://couch-1:5984, found \"a URL with user and password, which belong in auth\"",
                "orchestrator.clusters.couch.auth.user: expected the user to whom the password belongs, found none",
                "orchestrator.clusters.couch.auth.method: expected basic or cookie, found \"digest\"",
                "expected a URL such as http://couch-1:9100/metrics, found \"c1:9100\"",
                "expected a URL such as http://couch-1:5986, found \"c1:5986\"",
                "orchestrator.clusters.couch.claim-database: expected a name of lower-case letters",
                "orchestrator.clusters.couch.min-file-size: ",
                "orchestrator.clusters.other.hold-smoosh: expected off without a claim-database",
            },
            expected => Assert.Contains(expected, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("verysecret", error.Message, StringComparison.Ordinal);
    }
}
