// Targets: Clean, Restore, Build, Format, Test, Publish, Deb, Default (= Build + Format + Test).
// Run with: dotnet tool restore && dotnet cake --target=Default [--configuration=Release]
var target = Argument("target", "Default");
var configuration = Argument("configuration", "Debug");
var solution = "./Orchestrator.sln";

Task("Clean").Does(() =>
{
    CleanDirectories("./src/**/bin");
    CleanDirectories("./src/**/obj");
    CleanDirectories("./tests/**/bin");
    CleanDirectories("./tests/**/obj");
    CleanDirectory("./artifacts");
});

Task("Restore").Does(() =>
    DotNetRestore(solution));

Task("Build").IsDependentOn("Restore").Does(() =>
    DotNetBuild(solution, new DotNetBuildSettings
    {
        Configuration = configuration,
        NoRestore = true,
    }));

Task("Format").IsDependentOn("Restore").Does(() =>
    DotNetFormat(solution, new DotNetFormatSettings { NoRestore = true, VerifyNoChanges = true }));

Task("Test").IsDependentOn("Build").Does(() =>
    DotNetTest(solution, new DotNetTestSettings
    {
        Configuration = configuration,
        NoBuild = true,
    }));

Task("Publish").IsDependentOn("Build").Does(() =>
    DotNetPublish("./src/Orchestrator.Host/Orchestrator.Host.csproj", new DotNetPublishSettings
    {
        Configuration = configuration,
        OutputDirectory = "./artifacts/orchestrator",
    }));

Task("Deb").Does(() =>
{
    if (StartProcess("./src/Orchestrator.Host/Packaging/build-deb", "./artifacts") != 0)
    {
        throw new CakeException("the Debian package was not built");
    }
});

Task("Default").IsDependentOn("Build").IsDependentOn("Format").IsDependentOn("Test");

RunTarget(target);
