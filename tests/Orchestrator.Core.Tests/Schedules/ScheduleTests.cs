using Orchestrator.Core.Schedules;
using Orchestrator.Core.Tests.Support;

namespace Orchestrator.Core.Tests.Schedules;

public class ScheduleTests
{
    public static TheoryData<string> Cases => [.. Golden.Files("schedules")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Schedules_are_as_in_the_file(string file)
    {
        var cases = new ScheduleCases();
        Golden.Run("schedules", file, cases.Execute);
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("shop", "shop", true)]
    [InlineData("shop", "Shop", false)]
    [InlineData("s*p", "shop", true)]
    [InlineData("s*p", "shops", false)]
    [InlineData("s?op", "shop", true)]
    [InlineData("?", "", false)]
    [InlineData("*-logs-*", "web-logs-2026", true)]
    [InlineData("*a*b*c", "xaxbxbxc", true)]
    [InlineData("a.c", "abc", false)]
    public void Patterns_match_whole_names(string pattern, string name, bool matches) =>
        Assert.Equal(matches, NamePattern.Matches(pattern, name));

    [Fact]
    public void Patterns_of_many_stars_take_no_time() =>
        Assert.False(NamePattern.Matches(string.Concat(Enumerable.Repeat("*a", 100)) + "b", new string('a', 5000)));

    [Fact]
    public void Back_off_doubles_up_to_its_limit()
    {
        var rules = ScheduleRules.Default with { BackOff = TimeSpan.FromDays(1), MaxBackOff = TimeSpan.FromDays(5) };

        Assert.Equal([0, 1, 2, 4, 5, 5], new[] { 0, 1, 2, 3, 4, 1000 }.Select(meagre => rules.BackOffAfter(meagre).TotalDays));
        Assert.Equal(TimeSpan.Zero, (rules with { BackOff = TimeSpan.Zero }).BackOffAfter(3));
    }
}
