using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>Answers of servers of other versions.</summary>
public sealed class OlderServerTests
{
    /// <summary>A run as a server tells of it that knows neither checks nor windows, origins or progress.</summary>
    private const string OldRun = """
        {"id":"r-1","cluster":"main","state":"running","createdAt":"2026-01-31T22:15:00Z","bytesFreed":0,"fromTheFuture":{"x":[1]},
         "steps":[{"number":1,"kind":"compact","node":"node-2","state":"running","fraction":0.5}],
         "plan":{"cluster":"main","replicaSets":[{"replicaSet":"rs-1","steps":[]}],"bytesFreed":12}}
        """;

    public static TheoryData<string> Answers =>
        [.. typeof(ApiJsonContext).Assembly.GetTypes().Where(type => type.Namespace == typeof(RunDto).Namespace && type.Name.EndsWith("Dto", StringComparison.Ordinal)).Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Answers))]
    public void What_an_answer_lacks_is_empty_and_never_null_unless_the_contract_says_so(string name)
    {
        var type = typeof(RunDto).Assembly.GetType($"{typeof(RunDto).Namespace}.{name}")!;
        var read = JsonSerializer.Deserialize("{}", Tolerant(type))!;
        var nullability = new NullabilityInfoContext();

        Assert.All(type.GetProperties().Where(property => property.PropertyType == typeof(string) || property.PropertyType.Name == "IReadOnlyList`1"), property =>
        {
            if (nullability.Create(property).ReadState == NullabilityState.NotNull)
            {
                Assert.NotNull(property.GetValue(read));
            }
        });
    }

    [Fact]
    public void What_an_answer_lacks_has_the_value_of_its_initialiser()
    {
        var member = JsonSerializer.Deserialize("""{"node":"node-1"}""", AnswerJson.Tolerant<MemberDto>())!;

        Assert.Empty(member.Alarms);
        Assert.Null(JsonSerializer.Deserialize("""{"node":"node-1"}""", ApiJson.Context.MemberDto)!.Alarms);
    }

    [Theory]
    [InlineData("run", "r-1")]
    [InlineData("runs")]
    [InlineData("pause", "r-1")]
    public async Task A_command_shows_what_an_older_server_answers(params string[] command)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(http =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(http.Request.Path.Value!.EndsWith("/runs", StringComparison.Ordinal) ? $$"""{"runs":[{{OldRun}}]}""" : OldRun);
        });
        await app.StartAsync();

        var (code, output, error) = await CliHarness.Run([.. command, "--server", app.Urls.First()]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("r-1", output, StringComparison.Ordinal);
        Assert.Contains("running", output, StringComparison.Ordinal);
    }

    private static JsonTypeInfo Tolerant(Type type) => (JsonTypeInfo)typeof(OlderServerTests)
        .GetMethod(nameof(TolerantOf), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, null)!;

    private static JsonTypeInfo TolerantOf<T>() => AnswerJson.Tolerant<T>();
}
