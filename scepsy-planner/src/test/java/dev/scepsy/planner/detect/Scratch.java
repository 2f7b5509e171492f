package dev.scepsy.planner.detect;
import dev.scepsy.planner.share.ModelPart;
import java.util.*;
class Scratch {
  static double[] shares(SimulatedWorkflow.Kind k){ SimulatedWorkflow w=new SimulatedWorkflow(k,999,360); double all=0,m=0; for(int i=0;i<20000;i++) for(ModelPart p:w.next()){ all+=p.callNanos(); if(p.model().equals(w.criticalModel())) m+=p.callNanos(); } return new double[]{m/all}; }
  public static void main(String[] a){
    int seeds=Integer.parseInt(a[0]); double hours=Double.parseDouble(a[1]); int reps=Integer.parseInt(a[2]);
    for (SimulatedWorkflow.Kind k : SimulatedWorkflow.Kind.values()) { if (a.length>3 && !a[3].contains(k.name())) continue;
      long t=System.nanoTime(); int alarms=0, first=0; long n=0; StringBuilder says=new StringBuilder();
      double eff=0;
      for (int s=0;s<seeds;s++){ SimulatedWorkflow w=new SimulatedWorkflow(k,s,360); DriftDetector d=new DriftDetector("w"); long start=w.now();
        while(w.now()-start<hours*SimulatedWorkflow.NANOS_PER_HOUR){ var parts=w.next(); n++; var c=d.take(w.now(),parts); if(c.isPresent()){ alarms++; if(w.now()-start<36*SimulatedWorkflow.NANOS_PER_HOUR) first++; if(alarms<=4) says.append("\n     ").append(s).append(" at h ").append((w.now()-start)/SimulatedWorkflow.NANOS_PER_HOUR).append(": ").append(c.get().sentence()).append(' ').append(c.get().evidence().get("designEffect")); } } }
      System.out.printf("%s alarms %d (first 36 h %d) in %d executions, %.1f s%s%n",k,alarms,first,n,(System.nanoTime()-t)/1e9,says);
      for (int ref : new int[]{100,1500}) for (String what : new String[]{"x2","x2d","x0.5","tok2","sh25"}) {
        int[] delays=new int[reps]; int missed=0; int early=0; String other=""; double share=shares(k)[0];
        for(int r=0;r<reps;r++){ SimulatedWorkflow w=new SimulatedWorkflow(k,5000+r,360); DriftDetector d=new DriftDetector("w"); for(int i=0;i<ref;i++) if(d.take(w.now(),w.next()).isPresent()) early++;
          w.changed=w.criticalModel(); double to=0;
          switch(what){case "x2"->w.callsFactor=2;case "x2d"->{w.callsFactor=2;w.doubledOneByOne=true;} case "x0.5"->w.callsFactor=0.5; case "gone"->w.callsFactor=0; case "tok2"->w.tokensFactor=2; case "sh25"->{to=share>0.5?share-0.25:share+0.25;} default->{to=share>0.7?share*0.75:share*1.25;}}
          if(to>0) w.timeFactor=to/(1-to)*(1-share)/share;
          delays[r]=9999; for(int i=1;i<=1000;i++){ var parts=w.next(); var c=d.take(w.now(),parts); if(c.isPresent()){delays[r]=i; break;} }
          if(delays[r]==9999) missed++; }
        Arrays.sort(delays); System.out.printf("   ref %d %s: median %d p95 %d worst %d missed %d early %d share %.2f%n",ref,what,delays[reps/2],delays[(int)(reps*.95)],delays[reps-1],missed,early,share);
      }
    }
  }
}
