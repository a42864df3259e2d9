using Orchestrator.Engines;
using Orchestrator.Engines.Etcd;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class EtcdClusterTests
{
    private const string Least = "orchestrator { roles = [supervisor], clusters.kube { engine = etcd, endpoints = [\"http://127.0.0.1:2379\"] } }";

    [Fact]
    public void An_etcd_cluster_takes_every_limit_from_the_engine_s_defaults()
    {
        var settings = SettingsBinder.Parse(Least);
        var cluster = Assert.IsType<EtcdClusterOptions>(Assert.Single(settings.Clusters).Options);

        Assert.Equal("kube", cluster.Name);
        Assert.Equal([new Uri("http://127.0.0.1:2379")], cluster.Endpoints);
        Assert.Equal(
            new EtcdClusterOptions
            {
                Name = "kube",
                Endpoints = cluster.Endpoints,
                Tls = TlsFiles.None,
                User = "",
                Password = "",
                Settle = null,
                RequestTimeout = TimeSpan.FromSeconds(2),
                DefragmentTimeout = TimeSpan.FromMinutes(10),
                HistoryTimeout = TimeSpan.FromMinutes(5),
                TransferTimeout = TimeSpan.FromSeconds(10),
                DiscoverInterval = TimeSpan.FromSeconds(5),
                LockKey = "orchestrator/compaction-lock",
                LockTimeToLive = TimeSpan.FromSeconds(60),
                QuotaBytes = 0,
                MinQuotaUse = 0,
            },
            cluster);
        Assert.Equal(("kube", "etcd", 0), (settings.Definitions[0].Name, settings.Definitions[0].Engine, settings.Definitions[0].ReplicaSets.Count));
    }

    [Fact]
    public void A_cluster_says_what_differs_from_the_engine_s_defaults()
    {
        var settings = SettingsBinder.Parse("""
            orchestrator {
              roles = [supervisor]
              engines.etcd { request-timeout = 3s, lock-ttl = 30s }
              clusters.a { engine = etcd, endpoints = "http://a:2379, http://b:2379", request-timeout = 4s, settle = 0s, quota = 2GiB, min-quota-use = 60% }
              clusters.b { engine = etcd, endpoints = ["http://c:2379"], auth { user = root, password = secret } }
            }
            """);

        var (a, b) = ((EtcdClusterOptions)settings.Clusters[0].Options, (EtcdClusterOptions)settings.Clusters[1].Options);
        Assert.Equal((2, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(30)), (a.Endpoints.Count, a.RequestTimeout, a.LockTimeToLive));
        Assert.Equal((TimeSpan.Zero, 2L << 30, 0.6), (a.Settle, a.QuotaBytes, a.MinQuotaUse));
        Assert.Equal((TimeSpan.FromSeconds(3), "root", "secret"), (b.RequestTimeout, b.User, b.Password));
        Assert.DoesNotContain("secret", b.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_of_an_etcd_cluster_are_reported_at_once_with_path_and_line()
    {
        const string text = """
            orchestrator {
              roles = [supervisor]
              clusters.kube {
                engine = etcd
                endpoints = ["http://a:2379/v3", "https://b:2379"]
                tls { certificate = /nowhere/client.pem }
                auth { password = verysecret }
                lock-ttl = 1s
                endpoint = "http://a:2379"
              }
              clusters.other { engine = etcd }
            }
            """;

        var error = Assert.Throws<SettingsException>(() => SettingsBinder.Parse(text, "etcd.conf"));

        string[] paths =
        [
            "orchestrator.clusters.other.endpoints", "orchestrator.clusters.kube.endpoints", "orchestrator.clusters.kube.tls.certificate",
            "orchestrator.clusters.kube.tls.key", "orchestrator.clusters.kube.auth.user", "orchestrator.clusters.kube.lock-ttl",
            "orchestrator.clusters.kube.endpoint",
        ];
        Assert.All(paths, path => Assert.Contains(path, error.Message, StringComparison.Ordinal));
        Assert.Contains("etcd.conf:8", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("verysecret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_a_client_url_is_refused_and_not_repeated()
    {
        var text = Least.Replace("127.0.0.1", "root:verysecret@127.0.0.1", StringComparison.Ordinal);

        var error = Assert.Throws<SettingsException>(() => SettingsBinder.Parse(text));

        Assert.DoesNotContain("verysecret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_certificates_are_found_at_the_start()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n");
            var text = Least.Replace("engine = etcd", $"engine = etcd, tls.ca = \"{file}\"", StringComparison.Ordinal);

            var error = Assert.Throws<SettingsException>(() => SettingsBinder.Parse(text));

            Assert.Contains("orchestrator.clusters.kube.tls.ca", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
