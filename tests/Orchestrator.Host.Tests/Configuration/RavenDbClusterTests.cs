using Orchestrator.Engines.RavenDb;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class RavenDbClusterTests
{
    [Fact]
    public void Two_lines_are_enough_and_the_rest_comes_from_the_engine_s_defaults()
    {
        var cluster = Read("endpoints = [\"https://a:443\"]");

        Assert.Equal(
            new RavenDbClusterOptions { Name = "shop", Endpoints = cluster.Endpoints, Addresses = cluster.Addresses }, cluster);
        Assert.Equal([new Uri("https://a:443")], cluster.Endpoints);
        Assert.Empty(cluster.Addresses);
    }

    [Fact]
    public void A_cluster_says_what_differs()
    {
        var cluster = Read("""
            endpoints = ["http://a:8080", "http://b:8080"]
            addresses { B = "http://10.0.0.2:8080" }
            load-idle-databases = on
            poll-interval = 5s
            settle = 0s
            """);

        Assert.Equal(new Uri("http://10.0.0.2:8080"), cluster.Addresses["B"]);
        Assert.Equal((true, TimeSpan.FromSeconds(5), TimeSpan.Zero), (cluster.LoadsIdleDatabases, cluster.PollInterval, cluster.Settle));
    }

    [Theory]
    [InlineData("", "clusters.shop.endpoints")]
    [InlineData("endpoints = []", "clusters.shop.endpoints")]
    [InlineData("endpoints = [\"http://u:hidden@a\"]", "clusters.shop.endpoints")]
    [InlineData("endpoints = [\"http://a\", \"https://b\"]", "clusters.shop.endpoints")]
    [InlineData("endpoints = [\"http://a\"], addresses { B = \"b:8080\" }", "clusters.shop.addresses.B")]
    [InlineData("endpoints = [\"https://a\"], tls.certificate = /nowhere.pfx", "clusters.shop.tls.certificate")]
    [InlineData("endpoints = [\"https://a\"], tls.password = hidden", "clusters.shop.tls.password")]
    [InlineData("endpoints = [\"https://a\"], request-timeout = 1h", "clusters.shop.request-timeout")]
    [InlineData("endpoints = [\"https://a\"], auth.user = op", "clusters.shop.auth")]
    public void What_is_wrong_is_told_with_its_path_and_without_secrets(string settings, string path)
    {
        var error = Assert.Throws<SettingsException>(() => Read(settings));

        Assert.Contains(path, error.Message);
        Assert.DoesNotContain("hidden", error.Message);
    }

    private static RavenDbClusterOptions Read(string settings)
    {
        var parsed = SettingsBinder.Parse($"orchestrator {{ roles = [supervisor], clusters.shop {{ engine = ravendb\n{settings}\n}} }}");
        return Assert.IsType<RavenDbClusterOptions>(Assert.Single(parsed.Clusters).Options);
    }
}
