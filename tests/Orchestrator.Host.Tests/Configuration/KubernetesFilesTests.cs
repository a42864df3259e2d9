using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class KubernetesFilesTests
{
    [Theory]
    [InlineData("base", 0)]
    [InlineData("overlays/postgres", 3)]
    public void The_configuration_for_pods_is_accepted(string folder, int seeds)
    {
        // Kubernetes sets them in the pod; nothing else in these tests reads them.
        Environment.SetEnvironmentVariable("POD_NAME", "orchestrator-0");
        Environment.SetEnvironmentVariable("ORCHESTRATOR_JOURNAL", "Host=postgres;Database=orchestrator");
        try
        {
            var settings = SettingsBinder.Load(Repository.PathOf("k8s", folder, "orchestrator.conf"));

            Assert.Equal("orchestrator-0", settings.Node.Node);
            Assert.Equal("http://orchestrator-0.orchestrator:8080", settings.Http.AdvertisedUrl);
            Assert.Contains("orchestrator-0", settings.Definitions.Single().ReplicaSets.Single().Members);
            Assert.Equal(seeds, settings.Remoting.SeedNodes.Count);
            if (seeds > 0)
            {
                Assert.Equal(("PostgreSQL.15", "Host=postgres;Database=orchestrator"), (settings.Journal.ProviderName, settings.Journal.ConnectionString));
                Assert.Contains($"{settings.Remoting.AdvertisedHost}:{settings.Remoting.Port}", settings.Remoting.SeedNodes);
                Assert.Equal(seeds, settings.Definitions.Single().ReplicaSets.Single().Members.Count);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("POD_NAME", null);
            Environment.SetEnvironmentVariable("ORCHESTRATOR_JOURNAL", null);
        }
    }
}
