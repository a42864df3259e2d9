namespace Orchestrator.Engines.Tests.Contract;

public sealed class ToyContractTests : DriverContract
{
    protected override Task<IEngineFixture> Fixture() => Task.FromResult<IEngineFixture>(new ToyServer());
}
