using Orchestrator.Engines.Milvus;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class MilvusClusterTests
{
    [Fact]
    public void Two_lines_are_enough_and_the_rest_comes_from_the_engine_s_defaults()
    {
        var cluster = Read("endpoints = [\"http://milvus:19530\"]");

        Assert.Equal(new MilvusClusterOptions { Name = "search", Endpoints = cluster.Endpoints }, cluster);
        Assert.Equal([new Uri("http://milvus:19530")], cluster.Endpoints);
    }

    [Fact]
    public void A_cluster_says_what_differs()
    {
        var cluster = Read("""
            endpoints = ["http://milvus:19530"]
            auth { user = root, password = secret }
            database = books
            management = "http://milvus:9091"
            parallel-compactions = 4
            schedule-retries = 0
            retention = 1d
            segment-max-size = 512MiB
            """);

        Assert.Equal(("root:secret", "books", 4, 0), (cluster.Token, cluster.Database, cluster.ParallelCompactions, cluster.ScheduleRetries));
        Assert.Equal(new Uri("http://milvus:9091"), cluster.Management);
        Assert.Equal((TimeSpan.FromDays(1), 512L << 20), (cluster.Retention, cluster.SegmentMaxBytes));
        Assert.DoesNotContain("secret", cluster.ToString(), StringComparison.Ordinal);
        Assert.Equal("key", Read("endpoints = [\"http://a\"], auth.token = key").Token);
    }

    [Theory]
    [InlineData("", "clusters.search.endpoints")]
    [InlineData("endpoints = [\"milvus:19530\"]", "clusters.search.endpoints")]
    [InlineData("endpoints = [\"http://a\"], auth.user = root", "clusters.search.auth.password")]
    [InlineData("endpoints = [\"http://a\"], auth { user = root, password = hidden, token = hidden }", "clusters.search.auth.token")]
    [InlineData("endpoints = [\"http://a\"], database = \"\"", "clusters.search.database")]
    [InlineData("endpoints = [\"http://a\"], management = milvus", "clusters.search.management")]
    [InlineData("endpoints = [\"http://a\"], retention = soon", "clusters.search.retention")]
    [InlineData("endpoints = [\"http://a\"], segment-max-size = 0", "clusters.search.segment-max-size")]
    [InlineData("endpoints = [\"http://a\"], parallel-compactions = 0", "clusters.search.parallel-compactions")]
    [InlineData("endpoints = [\"http://a\"], tls.key = /nowhere.pem", "clusters.search.tls.key")]
    public void What_is_wrong_is_told_with_its_path_and_without_secrets(string settings, string path)
    {
        var error = Assert.Throws<SettingsException>(() => Read(settings));

        Assert.Contains(path, error.Message);
        Assert.DoesNotContain("hidden", error.Message);
    }

    private static MilvusClusterOptions Read(string settings)
    {
        var parsed = SettingsBinder.Parse($"orchestrator {{ roles = [supervisor], clusters.search {{ engine = milvus\n{settings}\n}} }}");
        return Assert.IsType<MilvusClusterOptions>(Assert.Single(parsed.Clusters).Options);
    }
}
