using System.Globalization;
using Orchestrator.Storage.Tests.Support;
using Orchestrator.Storage.Tests.Support.Disk;
using Xunit.Abstractions;

namespace Orchestrator.Storage.Tests;

/// <summary>
/// Pieces of a collection's life are repeated with a fault at their first call of the disk, at their second one, and so on, in
/// SQLite's own calls as in those of the file layer. A sample of them by default; with the environment variable
/// <c>STORAGE_FAULTS=all</c> every one.
/// </summary>
public sealed class InjectedFaultTests(ITestOutputHelper output) : IDisposable
{
    private const int Sample = 3;
    private const int SortingSample = 2;
    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var scenario in FaultScenario.All)
            {
                foreach (var kind in Enum.GetValues<FaultKind>())
                {
                    cases.Add($"{scenario.Name}: {kind}", 1000 + cases.Count());
                }
            }

            return cases;
        }
    }

    public static TheoryData<string, int> SortingCases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var scenario in FaultScenario.Sorting)
            {
                foreach (var kind in (FaultKind[])[FaultKind.OneCall, FaultKind.OneWriteShort, FaultKind.OneRead, FaultKind.FullFromThenOn])
                {
                    cases.Add($"{scenario.Name}: {kind}", 2000 + cases.Count());
                }
            }

            return cases;
        }
    }

    public void Dispose() => directory.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_fault_at_any_call_loses_nothing_is_told_and_is_got_over(string name, int seed) =>
        RunAll(FaultScenario.All, name, seed, Sample, Environment.GetEnvironmentVariable("STORAGE_FAULTS") == "all", temporary: false);

    /// <summary>Not all of them even on demand: there are thousands, most of them alike.</summary>
    [Theory]
    [MemberData(nameof(SortingCases))]
    public void A_fault_in_a_file_that_SQLite_sorts_in_loses_nothing_is_told_and_is_got_over(string name, int seed) =>
        RunAll(FaultScenario.Sorting, name, seed, Environment.GetEnvironmentVariable("STORAGE_FAULTS") == "all" ? 4 * SortingSample : SortingSample, all: false, temporary: true);

    private void RunAll(IReadOnlyList<FaultScenario> scenarios, string name, int seed, int sample, bool all, bool temporary)
    {
        var parts = name.Split(": ");
        var scenario = scenarios.Single(each => each.Name == parts[0]);
        var kind = Enum.Parse<FaultKind>(parts[1]);
        var prepared = FaultWorld.Prepare(directory, scenario);
        var calls = Run(scenario, prepared, new FaultPlan(kind, int.MaxValue) { OnlyTemporaryFiles = temporary }).Calls;
        Assert.True(calls > 0);
        var every = Enumerable.Range(1, calls).ToList();
        var random = new Random(seed);
        var sampled = all || calls <= sample
            ? every
            : Enumerable.Range(0, sample).Select(i => 1 + (i * calls / sample) + random.Next(Math.Max(1, calls / sample))).Where(at => at <= calls).Distinct().ToList();
        var (tried, errors) = (0, 0);

        // After the sampled ones the others, if the kind has had no effect yet.
        foreach (var at in sampled.Concat(every.Except(sampled)).TakeWhile(_ => tried < sampled.Count || errors == 0))
        {
            try
            {
                tried++;
                errors += Run(scenario, prepared, new FaultPlan(kind, at) { OnlyTemporaryFiles = temporary }).Error is null ? 0 : 1;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{name} at call {at} of {calls}: {e.Message}", e);
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tried} faults of {calls} calls, seed {seed}: {errors} were told, the others had no effect"));
        Assert.True(errors > 0);
    }

    private (int Calls, StorageException? Error) Run(FaultScenario scenario, FaultWorld.Prepared prepared, FaultPlan plan)
    {
        using var world = new FaultWorld(directory, prepared);
        if (plan.OnlyTemporaryFiles)
        {
            world.Disk.TakeTemporaryFiles();
        }

        world.Disk.Decide = plan.Decide;
        var error = Try(world, scenario);
        var (calls, failed) = (plan.Calls, plan.Failed);
        try
        {
            if (error is not null)
            {
                Assert.NotNull(failed);
                Assert.Contains(world.Disk.Directory, error.Message, StringComparison.Ordinal);
                Assert.Matches("disk I/O error|disk is full|unable to open|Input/output error|No space left", error.Message);
            }

            if (plan.Kind == FaultKind.BrokenFromThenOn)
            {
                world.Close();
            }

            world.Disk.Decide = null;
            if (error is not null)
            {
                GoOn(world, scenario);
            }

            world.Close();
            world.Open();
            world.AssertEqual();
            var report = world.Store.Verify();
            Assert.True(report.IsSound, string.Join("; ", report.Problems));
            Stores.Compact(world.Store);
            world.AssertEqual();
            world.Close();
            CompactionTests.AssertNoDebris(world.Disk.Directory);
            return (calls, error);
        }
        catch (Exception e) when (failed is not null)
        {
            throw new InvalidOperationException($"{failed} failed -> {error?.Message ?? "no error"} -> {e.Message}", e);
        }
    }

    private static StorageException? Try(FaultWorld world, FaultScenario scenario)
    {
        try
        {
            scenario.Act(world);
            return null;
        }
        catch (StorageException e)
        {
            return e;
        }
    }

    /// <summary>With the fault gone it serves and can do what it could not; or it says that it must be opened again.</summary>
    private static void GoOn(FaultWorld world, FaultScenario scenario)
    {
        if (world.IsOpen)
        {
            try
            {
                world.AssertEqual();
                scenario.WriteAfterFault(world);
                world.AssertEqual();
                scenario.Act(world);
                world.AssertEqual();
                return;
            }
            catch (StorageException e) when (e.Message.Contains("must be opened again", StringComparison.Ordinal))
            {
                Assert.Contains("opened again", Assert.Throws<StorageException>(() => world.Store.Get("x")).Message, StringComparison.Ordinal);
                Assert.Contains("opened again", Assert.Throws<StorageException>(() => world.Store.Commit([Stores.Put("x", "{}")], 1)).Message, StringComparison.Ordinal);
                world.Close();
            }
        }

        world.Open();
        world.AssertEqual();
        scenario.Act(world);
        world.AssertEqual();
    }
}
