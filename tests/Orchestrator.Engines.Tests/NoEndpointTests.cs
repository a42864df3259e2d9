using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.Tests;

public sealed class NoEndpointTests
{
    [Theory]
    [InlineData(EngineFault.Unreachable, EngineFault.Unreachable, EngineFault.Unreachable)]
    [InlineData(EngineFault.Unreachable, EngineFault.Misconfigured, EngineFault.Misconfigured)]
    [InlineData(EngineFault.Misconfigured, EngineFault.Denied, EngineFault.Denied)]
    [InlineData(EngineFault.Denied, EngineFault.Failed, EngineFault.Denied)]
    [InlineData(EngineFault.Failed, EngineFault.Unreachable, EngineFault.Unreachable)]
    public void The_error_says_what_each_endpoint_lacks_and_its_fault_is_what_an_operator_has_to_mend(EngineFault first, EngineFault second, EngineFault expected)
    {
        EngineException[] failures = [EngineException.Silent("node A", TimeSpan.FromSeconds(1.5), null), new(first, "b"), new(second, "c")];

        var error = NoEndpoint.Answers("kube", failures);

        Assert.Equal(expected, error.Fault);
        Assert.Equal("no endpoint of kube answers: node A did not answer within 1.5 s; b; c", error.Message);
        Assert.Equal(failures, Assert.IsType<AggregateException>(error.InnerException).InnerExceptions);
    }
}
