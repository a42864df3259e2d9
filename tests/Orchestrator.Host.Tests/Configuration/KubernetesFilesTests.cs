using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class KubernetesFilesTests
{
    [Theory]
    [InlineData("base", 1)]
    [InlineData("overlays/postgres", 3)]
    public void The_configuration_for_pods_is_accepted(string folder, int members)
    {
        // Kubernetes sets them in the pod; nothing else in these tests reads them.
        Environment.SetEnvironmentVariable("POD_NAME", "orchestrator-0");
        Environment.SetEnvironmentVariable("ORCHESTRATOR_JOURNAL", "Host=postgres;Database=orchestrator");
        Environment.SetEnvironmentVariable("ORCHESTRATOR_ADMIN_TOKEN_HASH", $"sha256:{new string('a', 64)}");
        Environment.SetEnvironmentVariable("ORCHESTRATOR_CLUSTER_SECRET", new string('s', 32));
        Environment.SetEnvironmentVariable("REMOTING_TLS_PASSWORD", "secret");
        try
        {
            var settings = SettingsBinder.Load(Repository.PathOf("k8s", folder, "orchestrator.conf"));

            Assert.Equal("orchestrator-0", settings.Node.Node);
            Assert.Equal("http://orchestrator-0.orchestrator:8080", settings.Http.AdvertisedUrl);
            Assert.Contains("orchestrator-0", settings.Definitions.Single().ReplicaSets.Single().Members);
            Assert.Equal(members, settings.Definitions.Single().ReplicaSets.Single().Members.Count);
            if (members > 1)
            {
                Assert.Equal(("PostgreSQL.15", "Host=postgres;Database=orchestrator"), (settings.Journal.ProviderName, settings.Journal.ConnectionString));
                Assert.Equal(("app.kubernetes.io/instance=orchestrator", "orchestrator-0.orchestrator"), (settings.Remoting.SeedPods, settings.Remoting.AdvertisedHost));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("POD_NAME", null);
            Environment.SetEnvironmentVariable("ORCHESTRATOR_JOURNAL", null);
            Environment.SetEnvironmentVariable("ORCHESTRATOR_ADMIN_TOKEN_HASH", null);
            Environment.SetEnvironmentVariable("ORCHESTRATOR_CLUSTER_SECRET", null);
            Environment.SetEnvironmentVariable("REMOTING_TLS_PASSWORD", null);
        }
    }

    [Fact]
    public void The_configuration_for_the_operator_is_accepted()
    {
        Environment.SetEnvironmentVariable("ORCHESTRATOR_ADMIN_TOKEN_HASH", $"sha256:{new string('a', 64)}");
        Environment.SetEnvironmentVariable("POD_NAMESPACE", "databases");
        try
        {
            var settings = SettingsBinder.Load(Repository.PathOf("k8s", "operator", "operator.conf"));

            Assert.Equal((false, true, true), (settings.Roles.Node, settings.Roles.Supervisor, settings.Roles.Operator));
            Assert.True(settings.Security.IsOn);
            Assert.Contains("orchestrator-operator.databases.svc", settings.Http.AllowedHosts);
        }
        finally
        {
            Environment.SetEnvironmentVariable("POD_NAMESPACE", null);
            Environment.SetEnvironmentVariable("ORCHESTRATOR_ADMIN_TOKEN_HASH", null);
        }
    }
}
