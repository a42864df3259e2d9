using Orchestrator.Engines.MongoDb;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class MongoDbClusterTests
{
    [Fact]
    public void Five_lines_are_enough_and_the_rest_comes_from_the_engine_s_defaults()
    {
        var cluster = Read("uri = \"mongodb://db-1:27017/?replicaSet=rs0\"");

        Assert.Equal(new MongoDbClusterOptions { Name = "shop", Uri = "mongodb://db-1:27017/?replicaSet=rs0", Addresses = cluster.Addresses }, cluster);
        Assert.Empty(cluster.Addresses);
    }

    [Fact]
    public void A_cluster_says_what_differs()
    {
        var cluster = Read("""
            uri = "mongodb://db-1"
            auth { user = op, password = secret, database = ops }
            tls.on = on
            addresses { "db-1.internal:27017" = "10.0.0.1" }
            request-timeout = 2s
            step-down-period = 5m
            claim-collection = ""
            auto-compact { on = on, free-space-target = 64MiB, members = ["db-1:27017"] }
            """);

        Assert.Equal(("op", "secret", "ops", true), (cluster.User, cluster.Password, cluster.AuthenticationDatabase, cluster.UsesTls));
        Assert.Equal("10.0.0.1:27017", cluster.Addresses["db-1.internal:27017"]);
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5), ""), (cluster.RequestTimeout, cluster.StepDownPeriod, cluster.ClaimCollection));
        Assert.Equal((true, 64, false, "db-1:27017"), (cluster.AutoCompact!.IsOn, cluster.AutoCompact.FreeSpaceTarget, cluster.AutoCompact.RunsOnce, cluster.AutoCompact.Members[0]));
        Assert.DoesNotContain("secret", cluster.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_password_may_stand_in_a_file()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("password", "secret\n");

        var cluster = Read($"uri = \"mongodb://db-1\", auth {{ user = op, password-file = \"{Path.Combine(directory.Path, "password")}\" }}");

        Assert.Equal(("op", "secret"), (cluster.User, cluster.Password));
    }

    [Theory]
    [InlineData("", "clusters.shop.uri")]
    [InlineData("uri = \"http://user:hidden@db-1\"", "clusters.shop.uri")]
    [InlineData("uri = \"mongodb://a\", auth.user = op", "clusters.shop.auth.password")]
    [InlineData("uri = \"mongodb://a\", auth.password = hidden", "clusters.shop.auth.user")]
    [InlineData("uri = \"mongodb://u:hidden@a\", auth { user = op, password = hidden }", "clusters.shop.auth.user")]
    [InlineData("uri = \"mongodb://a\", auth { user = op, password-file = /nowhere/file }", "clusters.shop.auth.password-file")]
    [InlineData("uri = \"mongodb://a\", auth { user = op, password-file = \"\" }", "clusters.shop.auth.password-file")]
    [InlineData("uri = \"mongodb://a\", auth { user = op, password = hidden, password-file = /nowhere }", "clusters.shop.auth.password-file")]
    [InlineData("uri = \"mongodb://a\", auth.mechanism = PLAIN", "clusters.shop.auth.mechanism")]
    [InlineData("uri = \"mongodb://a\", auth.mechanism = MONGODB-X509", "clusters.shop.auth.mechanism")]
    [InlineData("uri = \"mongodb://a\", tls.ca = /nowhere.pem", "clusters.shop.tls.ca")]
    [InlineData("uri = \"mongodb://a\", addresses { \"b:1\" = \"c/d\" }", "clusters.shop.addresses")]
    [InlineData("uri = \"mongodb://a\", claim-collection = claims", "clusters.shop.claim-collection")]
    [InlineData("uri = \"mongodb://a\", auto-compact.run-once = on", "clusters.shop.auto-compact.on")]
    [InlineData("uri = \"mongodb://a\", auto-compact { on = on, free-space-target = 1 }", "clusters.shop.auto-compact.free-space-target")]
    [InlineData("uri = \"mongodb://a\", auto-compact { on = on, members = [db-1] }", "clusters.shop.auto-compact.members")]
    [InlineData("uri = \"mongodb://a\", endpoints = []", "clusters.shop.endpoints")]
    public void What_is_wrong_is_told_with_its_path_and_without_secrets(string settings, string path)
    {
        var error = Assert.Throws<SettingsException>(() => Read(settings));

        Assert.Contains(path, error.Message);
        Assert.DoesNotContain("hidden", error.Message);
    }

    private static MongoDbClusterOptions Read(string settings)
    {
        var parsed = SettingsBinder.Parse($"orchestrator {{ roles = [supervisor], clusters.shop {{ engine = mongodb\n{settings}\n}} }}");
        return Assert.IsType<MongoDbClusterOptions>(Assert.Single(parsed.Clusters).Options);
    }
}
